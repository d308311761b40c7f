//! Sending under trouble: a request that hangs, an answer that is lost, and a status that goes with a message that is held back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, openBrowser, passwords, person, picture } from './support.mjs';

const bubble = (page, text) => page.getByRole('log').getByText(text, { exact: true });
const field = (page) => page.getByRole('textbox', { name: '回复内容' });
const guard = (page) => page.getByRole('alertdialog', { name: /还没发/ });

async function send(page, text) {
  await field(page).fill(text);
  await page.getByRole('button', { name: /^发送/ }).first().click();
}

async function sendAndResolve(page, text) {
  await field(page).fill(text);
  await page.getByRole('button', { name: '更多选项' }).click();
  await page.getByRole('menuitem', { name: /发送并设为.*已解决/ }).click();
}

/** Waits until a question to the server is answered like this. */
async function becomes(ask, wanted) {
  let found;
  for (let tries = 0; tries < 100; tries += 1) {
    found = await ask();
    if (found === wanted) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  assert.equal(found, wanted);
}

test('sending under trouble', { timeout: 180_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const admin = await api('/case/api/admin/login', 'admin', passwords.admin);
  const customer = await api('/case/api/login', 'customer', passwords.customer);
  const faults = [];

  /** A ticket of the customer's, and the agent in front of it. */
  const opened = async (title, { clock = false } = {}) => {
    const created = await customer.post('/case/api/tickets', { data: { title, type: '技术支持', description: '请帮忙。' } });
    const { ticket_id } = await created.json();
    const address = `/case/api/tickets/${ticket_id}`;
    const agent = await person(browser, { storageState: await admin.storageState() });
    if (clock) await agent.page.clock.install();
    await agent.page.goto(`/case/ticket/${ticket_id}`);
    await agent.page.getByRole('heading', { name: title }).first().waitFor();
    return {
      ...agent,
      messages: `**${address}/messages`,
      moveTo: async (status) => assert.ok((await admin.post(`${address}/status`, { data: { status } })).ok()),
      says: async (content) => assert.ok((await customer.post(`${address}/messages`, { data: { content } })).ok()),
      said: async () => {
        const { messages } = await (await admin.get(`${address}/messages`)).json();
        return messages.filter(({ is_system }) => !is_system).map(({ content }) => content);
      },
      moves: async () => {
        const { messages } = await (await admin.get(`${address}/messages`)).json();
        return messages.filter(({ change }) => change?.kind === 'status').map(({ change }) => change.to);
      },
      status: async () => (await (await admin.get(address)).json()).ticket.status,
      leave: async () => {
        faults.push(...agent.faults);
        await agent.context.close();
      },
    };
  };

  await t.test('a request that hangs is given up, and the message goes out once', async () => {
    const { page, messages, said, leave } = await opened('发送卡住了', { clock: true });
    const keys = [];
    await page.route(messages, (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      keys.push(route.request().postDataJSON().client_id);
      // The first one is never answered.
      return keys.length > 1 ? route.continue() : undefined;
    });
    await send(page, '这一句卡在路上。');
    await send(page, '这一句排在后面。');
    await becomes(async () => keys.length, 1);
    await page.clock.runFor(15_000);
    assert.equal(keys.length, 1);
    await page.clock.runFor(8_000);
    await becomes(async () => (await said()).join(), '这一句卡在路上。,这一句排在后面。');
    assert.equal(keys[0], keys[1]);
    for (const text of await said()) await bubble(page, text).waitFor();
    await page.getByRole('log').getByText(/正在发送|已排队/).waitFor({ state: 'detached' });
    await leave();
  });

  await t.test('what is sent anyway keeps its status, and is held back again by what came after that', async () => {
    const { page, says, said, status, leave } = await opened('先看再发');
    await hide(page);
    await says('等等，还有一个问题。');
    await bubble(page, '等等，还有一个问题。').waitFor();
    await sendAndResolve(page, '已经处理好了。');
    await guard(page).getByText('等等，还有一个问题。').waitFor();
    await says('算了，不用了。');
    await bubble(page, '算了，不用了。').waitFor();
    await guard(page).getByRole('button', { name: '仍然发送' }).click();
    await guard(page).getByText('算了，不用了。').waitFor();
    assert.equal(await guard(page).getByText('等等，还有一个问题。').count(), 0);
    await picture(page, 'guard-again');
    await guard(page).getByRole('button', { name: '仍然发送' }).click();
    await guard(page).waitFor({ state: 'detached' });
    await becomes(status, '已解决');
    assert.deepEqual(await said(), ['等等，还有一个问题。', '算了，不用了。', '已经处理好了。']);
    await leave();
  });

  await t.test('the same when the server holds it back', async () => {
    const { page, line, says, said, status, leave } = await opened('线断着发');
    await line.cut();
    await says('我重启了一次。');
    await sendAndResolve(page, '已经修好了。');
    await guard(page).getByText('我重启了一次。').waitFor();
    await says('好像还是不行。');
    await guard(page).getByRole('button', { name: '仍然发送' }).click();
    await guard(page).getByText('好像还是不行。').waitFor();
    assert.equal(await status(), '待处理');
    await guard(page).getByRole('button', { name: '仍然发送' }).click();
    await becomes(status, '已解决');
    assert.deepEqual(await said(), ['我重启了一次。', '好像还是不行。', '已经修好了。']);
    line.mend();
    await leave();
  });

  await t.test('a status goes with its message once, even if the answer is lost', async () => {
    const { page, messages, said, status, moves, leave } = await opened('回音丢了');
    await page.route(messages, async (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      assert.ok((await route.fetch()).ok());
      // The live connection tells of it before anything else does.
      await bubble(page, '回音会丢。').waitFor();
      return route.abort();
    });
    await sendAndResolve(page, '回音会丢。');
    await becomes(status, '已解决');
    await page.unroute(messages);
    await send(page, '后面的照常。');
    await becomes(async () => (await said()).join(), '回音会丢。,后面的照常。');
    await page.getByRole('log').getByText(/正在发送|已排队/).waitFor({ state: 'detached' });
    assert.deepEqual(await moves(), ['处理中', '已解决']);
    await leave();
  });

  await t.test('what was refused for another reason is still held back when it is tried again', async () => {
    const { page, line, messages, says, said, leave } = await opened('再试一次');
    await page.route(messages, (route) =>
      route.fulfill({ status: 500, json: { success: false, code: 'internal', message: '服务器出错了', request_id: 'r-1' } }),
    );
    await send(page, '请提供订单号。');
    const failed = page.getByRole('log').getByText(/没发出去.*服务器出错了/);
    await failed.waitFor();
    await page.unroute(messages);
    await line.cut();
    await says('订单号是 1024。');
    await page.getByRole('log').getByRole('button', { name: '重试' }).click();
    await guard(page).getByText('订单号是 1024。').waitFor();
    assert.deepEqual(await said(), ['订单号是 1024。']);
    line.mend();
    await leave();
  });

  await t.test('what its writer has seen meanwhile does not hold it back when he tries again', async () => {
    const { page, messages, says, said, leave } = await opened('看过再试');
    await page.route(messages, (route) =>
      route.request().method() === 'POST'
        ? route.fulfill({ status: 500, json: { success: false, code: 'internal', message: '服务器出错了', request_id: 'r-3' } })
        : route.continue(),
    );
    await send(page, '请提供型号。');
    await page.getByRole('log').getByText(/没发出去.*服务器出错了/).waitFor();
    await page.unroute(messages);
    await says('型号是 X1。');
    await bubble(page, '型号是 X1。').waitFor();
    await page.getByRole('log').getByRole('button', { name: '重试' }).click();
    await becomes(async () => (await said()).join(), '型号是 X1。,请提供型号。');
    await leave();
  });

  await t.test('a status that cannot be set any more says so, and the words go out without it', async () => {
    const { page, messages, moveTo, said, status, leave } = await opened('同事先关了');
    await page.route(messages, async (route) => {
      if (route.request().method() === 'POST') await moveTo('已关闭');
      return route.continue();
    });
    await sendAndResolve(page, '这边也好了。');
    await page.getByRole('log').getByText(/没发出去/).waitFor();
    assert.deepEqual(await said(), []);
    await picture(page, 'status-refused');
    await page.unroute(messages);
    await page.getByRole('log').getByRole('button', { name: '重试' }).click();
    await becomes(async () => (await said()).join(), '这边也好了。');
    assert.equal(await status(), '已关闭');
    await leave();
  });

  await t.test('a list whose first questions after a cut fail heals by itself', async () => {
    const agent = await person(browser, { storageState: await admin.storageState() });
    const { page, line } = agent;
    const row = (title) => page.getByRole('row').filter({ hasText: title });
    await page.goto('/case/admin/tickets');
    await row('再试一次').waitFor();
    await line.cut();
    await customer.post('/case/api/tickets', { data: { title: '线断着的时候', type: '技术支持', description: '看看列表。' } });
    let failed = 0;
    // Not the counts of the queues, which ask for one ticket.
    await page.route(/\/case\/api\/tickets(\?(?!.*per_page=1(&|$)).*)?$/, (route) => {
      if (failed === 2) return route.continue();
      failed += 1;
      return route.fulfill({ status: 503, json: { success: false, code: 'busy', message: '现在有点忙', request_id: `r-${failed}` } });
    });
    line.mend();
    const outdated = page.getByText(/现在有点忙/);
    await outdated.waitFor({ timeout: 20_000 });
    await row('线断着的时候').waitFor();
    await outdated.waitFor({ state: 'detached' });
    assert.equal(failed, 2);
    faults.push(...agent.faults);
    await agent.context.close();
  });

  await t.test('no page had a fault', () => assert.deepEqual(faults, []));
});

/** Makes a page believe that its tab is behind another. */
async function hide(page) {
  await page.evaluate(() => {
    Object.defineProperty(document, 'visibilityState', { value: 'hidden', configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  });
}
