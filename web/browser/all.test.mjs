// The browser's tests; `make test/browser` runs them.
import {after} from 'node:test';
import checkout from './checkout.mjs';
import hostile from './hostile.mjs';
import pages from './pages.mjs';
import reference from './reference.mjs';
import {make} from './world.mjs';

const world = await make();
after(() => world.end());
checkout(world);
hostile(world);
reference(world);
await pages(world);
