// There are two applications: for the people of a platform, and for those of its merchants. Each leads the other's people to their place.
import {isOperator, type Membership} from '../api/session.ts';

const console = '/console/', portal = '/portal/';

// base is where this application begins.
export const base: string = import.meta.env.BASE_URL;

// isHere tells whether a membership is looked at in this application.
export const isHere = (m: Membership): boolean => homeOf(m) === base;

// homeOf is where the application of a membership begins.
export const homeOf = (m: Membership): string => isOperator(m) ? console : portal;

// addressOf is where a membership is looked at.
export const addressOf = (m: Membership): string => homeOf(m) + m.tenant_id;
