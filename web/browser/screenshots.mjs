// `make screenshots`: the pictures of docs/ anew, or with a directory as the argument every page at every width.
import path from 'node:path';
import {takeAll, takeTour} from './pictures.mjs';
import {root} from './program.mjs';
import {make} from './world.mjs';

const world = await make({attacked: false});
try {
  if (process.argv[2]) await takeAll(world, process.argv[2]);
  else console.log(Object.keys(await takeTour(world, path.join(root, 'docs/images'))).join('\n'));
} finally {
  await world.end();
}
