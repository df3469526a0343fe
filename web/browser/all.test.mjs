// The browser's tests; `make test/browser` runs them.
import {after, describe} from 'node:test';
import checkout from './checkout.mjs';
import operators from './console.mjs';
import controls from './controls.mjs';
import doors from './doors.mjs';
import hostile from './hostile.mjs';
import {pages, pagesOf, pictures} from './pages.mjs';
import merchants from './portal.mjs';
import reference from './reference.mjs';
import signin from './signin.mjs';
import {make} from './world.mjs';

const world = await make();
after(() => world.end());
const everyPage = await pagesOf(world);
describe('controls', () => controls(world));
describe('the buyer’s road', {concurrency: 3}, () => checkout(world));
describe('A33: script that people type', {concurrency: 3}, () => hostile(world));
describe('the API reference', () => reference(world));
describe('people at the doors', () => signin(world));
describe('every other door', () => doors(world));
describe('every page', {concurrency: 3}, () => pages(world, everyPage));
describe('the operator’s console', {concurrency: 3}, () => operators(world));
describe('the merchants’ portal', {concurrency: 3}, () => merchants(world));
describe('the pictures', () => pictures(world));
