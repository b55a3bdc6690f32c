/** Plays lives of a validator in a folder and says how many signatures there were, or where two contradict. */
import { playLives } from '../protection-world.ts';

const [folder = '', lives = '0', length = '0'] = process.argv.slice(2);
try {
  const signatures = await playLives(folder, Number(lives), Number(length));
  process.stdout.write(`signatures ${signatures}\n`);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? `${error.message}\n${error.cause}` : error}\n`);
}
process.exit(0);
