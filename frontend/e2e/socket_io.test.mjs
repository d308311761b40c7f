//! The official JavaScript client as shipped, in Node and in Chromium: the old system's snippets run verbatim.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import { api, base, openBrowser, passwords, person } from './support.mjs';

const transports = { 'polling only': ['polling'], 'websocket only': ['websocket'], 'default upgrade': ['polling', 'websocket'] };
const patience = 10_000;
/** The longest messages there are: 65,536 characters, in bytes 64 KiB and three times that. */
const longest = ['x'.repeat(64 * 1024), '长'.repeat(64 * 1024 - 1) + '😀'];

/** Somebody who calls the API and may open sockets with the same session. */
async function somebody(door, username, password) {
  const client = await api(door, username, password);
  const { cookies } = await client.storageState();
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  return { client, cookie, open: (options = {}) => io(base, { extraHeaders: { Cookie: cookie }, forceNew: true, ...options }) };
}

const once = (socket, event, fits = () => true) =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no ${event} within ${patience} ms`)), patience);
    const hear = (data) => {
      if (!fits(data)) return;
      clearTimeout(timer);
      socket.off(event, hear);
      resolve(data);
    };
    socket.on(event, hear);
  });

async function ticketOf(customer, title) {
  const answer = await customer.client.post('/case/api/tickets', { data: { title, type: '技术支持', description: '正文' } });
  assert.equal(answer.status(), 201, await answer.text());
  return (await answer.json()).ticket_id;
}

test('the official socket.io client', { timeout: 180_000 }, async (t) => {
  const customer = await somebody('/case/api/login', 'customer', passwords.customer);
  const agent = await somebody('/case/api/admin/login', 'admin', passwords.admin);

  for (const [name, list] of Object.entries(transports)) {
    await t.test(`the snippets in Node, ${name}`, async (t) => {
      const ticket_id = await ticketOf(customer, `套接字 ${name}`);
      const socket = customer.open({ transports: list });
      const other = agent.open({ transports: list });
      t.after(() => [socket, other].forEach((each) => each.disconnect()));
      await Promise.all([once(socket, 'connect'), once(other, 'connect')]);

      socket.emit('join', { ticket_id });
      const joined = await once(socket, 'joined');
      assert.equal(joined.message, `已加入工单 #${ticket_id}`);
      await other.timeout(patience).emitWithAck('join', { ticket_id });

      const heard = Promise.all([once(socket, 'receive_message'), once(socket, 'new_message')]);
      other.emit('send_message', { ticket_id, content: '请帮我看一下这个问题 😀' });
      for (const data of await heard) {
        assert.equal(data.ticket_id, ticket_id);
        assert.equal(data.content, '请帮我看一下这个问题 😀');
        assert.match(data.created_at, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/);
      }

      for (const content of longest) {
        const heard = once(socket, 'receive_message', (data) => data.content.length > 100);
        const answer = await other.timeout(patience).emitWithAck('send_message', { ticket_id, content });
        assert.equal(answer.success, true, JSON.stringify(answer).slice(0, 200));
        for (const message of [answer.message, await heard]) assert.ok(message.content === content, 'not the same text');
      }

      const refused = once(socket, 'error_message');
      const problem = await socket.timeout(patience).emitWithAck('join', { ticket_id: 987_654 });
      assert.deepEqual([problem.success, problem.code], [false, 'ticket_not_found']);
      assert.equal((await refused).code, 'ticket_not_found');

      if (name === 'default upgrade') assert.equal(socket.io.engine.transport.name, 'websocket');
      socket.emit('leave', { ticket_id });
      await once(socket, 'left');
    });

    await t.test(`a cut line is picked up where it was, ${name}`, async (t) => {
      const ticket_id = await ticketOf(customer, `断线 ${name}`);
      const socket = customer.open({ transports: list, reconnectionDelay: 50, reconnectionDelayMax: 100 });
      t.after(() => socket.disconnect());
      const seqs = [];
      socket.on('new_message', ({ seq }) => seqs.push(seq));
      socket.on('status_changed', ({ seq }) => seqs.push(seq));
      await once(socket, 'connect');
      await socket.timeout(patience).emitWithAck('join', { ticket_id, since: 0 });
      const says = (content) => agent.client.post(`/case/api/tickets/${ticket_id}/messages`, { data: { content } });
      await says('断线之前');
      const again = once(socket, 'connect');
      socket.io.engine.close();
      await says('断线之中');
      await again;
      await socket.timeout(patience).emitWithAck('join', { ticket_id, since: seqs.length });
      await says('重连之后');
      const started = Date.now();
      while (seqs.length < 4 && Date.now() - started < patience) await new Promise((resolve) => setTimeout(resolve, 20));
      assert.deepEqual(seqs, [1, 2, 3, 4]);
    });

    await t.test(`who has no session is refused, other namespaces too, ${name}`, async (t) => {
      const stranger = io(base, { transports: list, forceNew: true, reconnection: false });
      const lost = io(`${base}/admin`, { transports: list, forceNew: true, reconnection: false, extraHeaders: { Cookie: customer.cookie } });
      t.after(() => [stranger, lost].forEach((each) => each.disconnect()));
      const [unknown, nowhere] = await Promise.all([once(stranger, 'connect_error'), once(lost, 'connect_error')]);
      assert.deepEqual([unknown.message, unknown.data], ['请先登录', { code: 'unauthenticated' }]);
      assert.equal(nowhere.message, 'Invalid namespace');
    });

    await t.test(`a payload that is too large ends the connection, not the server, ${name}`, async (t) => {
      const socket = customer.open({ transports: list, reconnection: false });
      t.after(() => socket.disconnect());
      await once(socket, 'connect');
      const ended = once(socket, 'disconnect');
      socket.emit('send_message', { ticket_id: 1, content: 'x'.repeat(700 * 1024) });
      await ended;
      const next = customer.open({ transports: list });
      t.after(() => next.disconnect());
      await once(next, 'connect');
    });
  }

  const browser = await openBrowser();
  t.after(() => browser.close());
  for (const [name, list] of Object.entries(transports)) {
    await t.test(`in Chromium, with the session cookie of the page: acks, long texts and a cut line, ${name}`, async (t) => {
      const { page, context } = await person(browser, { bypassCSP: true });
      t.after(() => context.close());
      await context.request.post('/case/api/login', { data: { username: 'customer', password: passwords.customer } });
      await page.goto('/case/login');
      await page.addScriptTag({ path: new URL('../node_modules/socket.io-client/dist/socket.io.min.js', import.meta.url).pathname });
      const ticket_id = await ticketOf(customer, `浏览器 ${name}`);
      const heard = await page.evaluate(
        async ([list, ticket_id, longest, patience]) => {
          const socket = window.io({ path: '/socket.io/', transports: list, reconnectionDelay: 50, reconnectionDelayMax: 100 });
          const once = (event) => new Promise((resolve) => socket.once(event, resolve));
          const ask = (event, data) => socket.timeout(patience).emitWithAck(event, { ticket_id, ...data });
          await once('connect');
          const first = await ask('join', { since: 0 });
          const texts = [];
          const seqs = [];
          socket.on('new_message', ({ content, seq }) => {
            texts.push(longest.indexOf(content));
            seqs.push(seq);
          });
          for (const content of longest) await ask('send_message', { content });
          const refused = await socket.timeout(patience).emitWithAck('join', { ticket_id: 987_654 });
          const again = once('connect');
          socket.io.engine.close();
          await again;
          await ask('join', { since: seqs.length });
          const last = once('receive_message');
          await ask('send_message', { content: '重连之后 😀' });
          const { content } = await last;
          socket.disconnect();
          return { first: first.success, texts: texts.slice(0, longest.length), seqs, refused: refused.code, content };
        },
        [list, ticket_id, longest, patience],
      );
      assert.deepEqual(heard, { first: true, texts: [0, 1], seqs: [1, 2, 3], refused: 'ticket_not_found', content: '重连之后 😀' });
    });
  }

  await t.test('the snippets in Chromium, with the session cookie of the page', async () => {
    const ticket_id = await ticketOf(customer, '浏览器里的套接字');
    const { page, context } = await person(browser, { bypassCSP: true });
    await context.request.post('/case/api/login', { data: { username: 'customer', password: passwords.customer } });
    await page.goto('/case/login');
    const script = new URL('../node_modules/socket.io-client/dist/socket.io.min.js', import.meta.url);
    await page.addScriptTag({ path: script.pathname });
    const heard = await page.evaluate(async (ticket_id) => {
      const socket = window.io({ path: '/socket.io/' });
      const heard = {};
      const once = (event) => new Promise((resolve) => socket.once(event, resolve));
      await once('connect');
      const joined = once('joined');
      socket.emit('join', { ticket_id });
      heard.joined = (await joined).message;
      const receive = once('receive_message');
      socket.emit('send_message', { ticket_id, content: '请帮我看一下这个问题' });
      heard.content = (await receive).content;
      while (socket.io.engine.transport.name !== 'websocket') await new Promise((resolve) => setTimeout(resolve, 20));
      heard.transport = socket.io.engine.transport.name;
      socket.disconnect();
      return heard;
    }, ticket_id);
    assert.deepEqual(heard, { joined: `已加入工单 #${ticket_id}`, content: '请帮我看一下这个问题', transport: 'websocket' });
  });
});
