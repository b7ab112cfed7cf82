// SPDX-License-Identifier: MIT
// Two Redis client libraries, with their defaults, against a running server: 10,000 pipelined
// ECHOs each, every reply compared. Usage: node echo.js PORT
'use strict';
const Redis = require('ioredis');
const { createClient } = require('redis');

const COUNT = 10000;
const port = Number(process.argv[2]);

function fail(library, error) {
    console.error(`${library}: ${error.message}`);
    process.exit(1);
}

function check(library, replies) {
    const wrong = replies.filter((reply, i) => reply !== `message ${i}`).length;
    console.log(`${library}: ${replies.length} ECHOs, ${wrong} wrong`);
    if (wrong > 0 || replies.length !== COUNT)
        process.exit(1);
}

async function withIoredis() {
    const client = new Redis(port);
    client.on('error', (error) => fail('ioredis', error));
    const pipeline = client.pipeline();
    for (let i = 0; i < COUNT; i++)
        pipeline.echo(`message ${i}`);
    const results = await pipeline.exec();
    check('ioredis', results.map(([error, reply]) => (error ? error.message : reply)));
    client.disconnect();
}

async function withNodeRedis(options, name) {
    const client = createClient({ url: `redis://localhost:${port}`, ...options });
    client.on('error', (error) => fail(name, error));
    await client.connect();
    const requests = Array.from({ length: COUNT }, (_, i) => client.echo(`message ${i}`));
    check(name, await Promise.all(requests));
    await client.quit();
}

withIoredis()
    .then(() => withNodeRedis({}, 'redis'))
    .then(() => withNodeRedis({ RESP: 3 }, 'redis with RESP3'))
    .catch((error) => fail('node', error));
