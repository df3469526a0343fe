// One program, one chromium, one scene: made once, ended always.
import {launch} from './browser.mjs';
import {Program} from './program.mjs';
import {attacker, build} from './stage.mjs';

// make builds the scene; without the attacker for pictures that people look at.
export async function make({attacked = true} = {}) {
  const world = {};
  world.end = async () => { await world.browser?.close(); await world.program?.stop(); };
  process.once('SIGINT', () => world.end().finally(() => process.exit(130)));
  try {
    world.browser = await launch();
    world.program = await Program.start(process.env.ZHITONG_BINARY);
    world.stage = await build(world.program);
    if (attacked) world.attack = await attacker(world.program);
  } catch (e) {
    await world.end();
    throw e;
  }
  return world;
}
