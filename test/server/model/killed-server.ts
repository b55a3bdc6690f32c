import { groupTensors, people, ServerFixture } from './fixture.ts';

/** A model server in a process of its own, for tests that kill it. Prints one line of JSON and then serves. */
const fixture = await ServerFixture.create();
await fixture.start();
const { hash } = await fixture.commit(people.miner, groupTensors(0, 5));
const fields = fixture.fields(people.miner, hash);
process.stdout.write(`${JSON.stringify({ url: fixture.url, folder: fixture.store.folder, fields })}\n`);
