import {CSPProvider} from '@base-ui/react/csp-provider';
import type {ReactNode} from 'react';

// Strict keeps the parts below it from writing style elements, which the policy of the page forbids.
export const Strict = ({children}: {children: ReactNode}) => <CSPProvider disableStyleElements>{children}</CSPProvider>;
