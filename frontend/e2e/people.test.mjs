//! Live between three people: who is there, who writes, what was read, a message that crossed another, lines that are cut.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { api, base, files, openBrowser, passwords, person, picture } from './support.mjs';

const bubble = (page, text) => page.getByRole('log').getByText(text, { exact: true });
const field = (page) => page.getByRole('textbox', { name: '回复内容' });

async function send(page, text) {
  await field(page).fill(text);
  await page.getByRole('button', { name: /^发送/ }).first().click();
}

/** Somebody in front of a browser, logged in without the form. */
async function seated(browser, door, username, password, options = {}) {
  const somebody = await person(browser, options);
  const answer = await somebody.context.request.post(door, { data: { username, password } });
  assert.ok(answer.ok(), await answer.text());
  return somebody;
}

/** Everything that was said, once each and in order. */
async function thread(page, texts) {
  const log = await page.getByRole('log').innerText();
  const places = texts.map((text) => log.indexOf(text));
  assert.ok(places.every((place) => place >= 0), `missing of ${texts}: ${places}\n${log}`);
  assert.deepEqual([...places].sort((a, b) => a - b), places, `out of order: ${places}`);
  for (const text of texts) assert.equal(log.split(text).length - 1, 1, `「${text}」 is not there exactly once`);
}

test('live between two agents and a customer', { timeout: 300_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const admin = await api('/case/api/admin/login', 'admin', passwords.admin);
  await admin.post('/case/api/users', {
    data: { username: 'chenmo', full_name: '陈默', password: 'first-Time-2026', role: 'admin', email: 'chenmo@example.com' },
  });
  const first = await api('/case/api/admin/login', 'chenmo', 'first-Time-2026');
  await first.post('/case/api/me/password', { data: { current_password: 'first-Time-2026', new_password: passwords.agent } });

  const customer = await seated(browser, '/case/api/login', 'customer', passwords.customer);
  const mo = await seated(browser, '/case/api/admin/login', 'chenmo', passwords.agent);
  const root = await seated(browser, '/case/api/admin/login', 'admin', passwords.admin);
  const created = await customer.context.request.post('/case/api/tickets', {
    data: { title: '打印机连不上', type: '技术支持', description: '昨天还好好的。' },
  });
  const { ticket_id } = await created.json();
  const address = `/case/ticket/${ticket_id}`;
  const people = [customer, mo, root];
  const submit = async (title) => {
    const answer = await customer.context.request.post('/case/api/tickets', { data: { title, type: '技术支持', description: '看看列表。' } });
    assert.ok(answer.ok(), await answer.text());
  };
  const listed = (page, title) => page.locator('.tickets tr, .mytickets li').filter({ hasText: title }).waitFor();

  await t.test('agents see who else has the ticket open; the customer sees nobody', async () => {
    for (const { page } of people) {
      await page.goto(address);
      await page.getByRole('heading', { name: '打印机连不上' }).first().waitFor();
    }
    await mo.page.getByRole('img', { name: '系统管理员 也在看' }).waitFor();
    await root.page.getByRole('img', { name: '陈默 也在看' }).waitFor();
    await root.page.getByText('客户正在看').waitFor();
    assert.equal(await customer.page.getByText('也在看').count(), 0);
    await picture(root.page, 'live-presence');
  });

  await t.test('a tab that is hidden fades, one that is closed goes', async () => {
    await hide(mo.page, true);
    await root.page.locator('.colleague[data-hidden]').waitFor();
    await hide(mo.page, false);
    await root.page.locator('.colleague:not([data-hidden])').waitFor();
    await customer.page.goto('/case/my-tickets');
    await root.page.getByText('客户正在看').waitFor({ state: 'detached' });
    await customer.page.goBack();
    await root.page.getByText('客户正在看').waitFor();
  });

  await t.test('writing is seen by the others; a note only by agents', async () => {
    await field(customer.page).pressSequentially('在吗');
    await mo.page.getByText('测试客户 正在输入').waitFor();
    await field(customer.page).fill('');
    await field(customer.page).blur();
    await mo.page.getByText('测试客户 正在输入').waitFor({ state: 'detached' });
    await mo.page.getByRole('tab', { name: /内部备注/ }).click();
    await field(mo.page).pressSequentially('先别回');
    await root.page.getByText('陈默 正在写内部备注').waitFor();
    await root.page.locator('.colleague .pencil').waitFor();
    // Both at once: who stops takes only himself away. In another tab one does not hear of oneself.
    const tab = await mo.context.newPage();
    await tab.goto(address);
    await tab.getByRole('img', { name: '系统管理员 也在看' }).waitFor();
    await field(customer.page).pressSequentially('有人吗');
    await field(mo.page).pressSequentially('，我来');
    await root.page.getByText('测试客户 正在输入 · 陈默 正在写内部备注').waitFor();
    await tab.getByText('测试客户 正在输入', { exact: true }).waitFor();
    await picture(root.page, 'live-typing');
    assert.equal(await customer.page.getByText(/陈默/).count(), 0);
    // A sign of life: without one the line ends by itself.
    await field(customer.page).pressSequentially('？');
    await field(mo.page).fill('');
    await root.page.getByText('测试客户 正在输入', { exact: true }).waitFor();
    await field(customer.page).fill('');
    await root.page.getByText(/正在输入/).waitFor({ state: 'detached' });
    await tab.close();
    await mo.page.getByRole('tab', { name: /^回复/ }).click();
  });

  await t.test('each side sees what the other has read', async () => {
    await send(mo.page, '你好，指示灯是什么颜色？');
    await bubble(customer.page, '你好，指示灯是什么颜色？').waitFor();
    await mo.page.getByRole('log').getByText('已读').waitFor();
    await send(customer.page, '一直闪红灯。');
    await bubble(mo.page, '一直闪红灯。').waitFor();
    await customer.page.getByRole('log').getByText('已读').waitFor();
    await picture(customer.page, 'live-read');
  });

  await t.test('an answer that crosses another is held back, shown, and goes out only on purpose', async () => {
    // The colleague's line is slow: he does not see what is said meanwhile.
    await mo.line.cut();
    await send(root.page, '我已经让同事过去看了。');
    await bubble(root.page, '我已经让同事过去看了。').waitFor();
    await send(mo.page, '请先重启一下打印机。');
    const guard = mo.page.getByRole('alertdialog', { name: /还没发/ });
    await guard.waitFor();
    await guard.getByText('我已经让同事过去看了。').waitFor();
    await picture(mo.page, 'live-guard');
    await guard.getByRole('button', { name: '仍然发送' }).click();
    mo.line.mend();
    await bubble(customer.page, '请先重启一下打印机。').waitFor();
    await thread(customer.page, ['我已经让同事过去看了。', '请先重启一下打印机。']);
  });

  await t.test('or it is looked at first, changed, and goes out as it is then', async () => {
    await mo.line.cut();
    await send(customer.page, '先别动，我在换硒鼓。');
    await bubble(root.page, '先别动，我在换硒鼓。').waitFor();
    await send(mo.page, '我现在过来。');
    const guard = mo.page.getByRole('alertdialog', { name: /还没发/ });
    await guard.getByText('先别动，我在换硒鼓。').waitFor();
    await guard.getByRole('button').first().click();
    await guard.waitFor({ state: 'detached' });
    await bubble(mo.page, '先别动，我在换硒鼓。').waitFor();
    assert.equal(await field(mo.page).inputValue(), '我现在过来。');
    await send(mo.page, '好的，换好了告诉我。');
    mo.line.mend();
    await bubble(customer.page, '好的，换好了告诉我。').waitFor();
    await thread(customer.page, ['先别动，我在换硒鼓。', '好的，换好了告诉我。']);
    for (const { page } of people) assert.equal(await bubble(page, '我现在过来。').count(), 0);
  });

  await t.test('a message that is lost on the line shows as a gap, and heals', async () => {
    await bubble(mo.page, '好的，换好了告诉我。').waitFor();
    // Let in again after the cut: from here on he hears all but what is lost.
    await customer.page.getByRole('log').getByText('已读').last().waitFor();
    mo.line.lose();
    await send(customer.page, '硒鼓换好了。');
    await bubble(root.page, '硒鼓换好了。').waitFor();
    assert.equal(await bubble(mo.page, '硒鼓换好了。').count(), 0);
    await send(customer.page, '还是红灯。');
    await bubble(mo.page, '还是红灯。').waitFor();
    await thread(mo.page, ['硒鼓换好了。', '还是红灯。']);
  });

  await t.test('an answer that is lost on its way makes nothing twice', async () => {
    const { page, context, line } = customer;
    const posts = [];
    const lost = async (route) => {
      posts.push(route.request());
      if (posts.length > 1) return route.continue();
      assert.ok((await route.fetch()).ok());
      return route.abort();
    };
    const messages = `**/case/api/tickets/${ticket_id}/messages`;
    await line.cut();
    await page.route(messages, lost);
    await send(page, '这一句只该有一次。');
    await bubble(root.page, '这一句只该有一次。').waitFor();
    for (let tries = 0; posts.length < 2 && tries < 100; tries += 1) await new Promise((done) => setTimeout(done, 200));
    const keys = posts.map((post) => post.postDataJSON().client_id);
    assert.ok(keys.length > 1 && keys[0] && keys.every((key) => key === keys[0]), `sent again under one key: ${keys}`);
    line.mend();
    await page.unroute(messages, lost);
    await page.reload();
    for (const each of people) {
      await bubble(each.page, '这一句只该有一次。').waitFor();
      await thread(each.page, ['还是红灯。', '这一句只该有一次。']);
    }

    posts.length = 0;
    await page.route('**/case/api/tickets', lost);
    await page.goto('/case/submit');
    await page.getByRole('radio', { name: /技术支持/ }).check({ force: true });
    await page.getByLabel('一句话说明').fill('只该有一单');
    await page.getByLabel('详细描述').fill('提交时断了线。');
    const submit = page.getByRole('button', { name: '提交工单' });
    await submit.click();
    await page.getByText(/连不上|网络/).first().waitFor();
    await submit.click();
    await page.getByText(/TK\d{12,}/).first().waitFor();
    assert.equal(posts.length, 2);
    const named = posts.map((post) => post.headers()['idempotency-key']);
    assert.ok(named[0] && named[0] === named[1], `submitted again under one key: ${named}`);
    await page.unroute('**/case/api/tickets', lost);
    const mine = await (await context.request.get('/case/api/tickets')).json();
    assert.equal(mine.tickets.filter(({ title }) => title === '只该有一单').length, 1);
    await page.goto(address);
    await bubble(page, '这一句只该有一次。').waitFor();
  });

  await t.test('what is written without any network goes out when it is back, once', async () => {
    await customer.context.setOffline(true);
    await customer.line.cut();
    await send(customer.page, '重启过了，');
    await send(customer.page, '还是不行。');
    await send(root.page, '我看看日志。');
    await customer.page.reload().catch(() => {});
    await customer.context.setOffline(false);
    customer.line.mend();
    await customer.page.goto(address);
    await bubble(root.page, '还是不行。').waitFor({ timeout: 30_000 });
    const said = ['一直闪红灯。', '我已经让同事过去看了。', '请先重启一下打印机。', '我看看日志。', '重启过了，', '还是不行。'];
    for (const { page } of people) {
      await bubble(page, '还是不行。').waitFor({ timeout: 30_000 });
      await thread(page, said);
    }
  });

  await t.test('what the server does not take stays and says why; it goes out when it is tried again, once', async () => {
    const { page } = customer;
    const messages = `**/case/api/tickets/${ticket_id}/messages`;
    const mine = (text) => page.getByRole('log').getByRole('article').filter({ hasText: text });
    await page.route(messages, (route) =>
      route.fulfill({ status: 500, json: { success: false, code: 'internal', message: '服务器出错了', request_id: 'r-1' } }),
    );
    await send(page, '换了一根线。');
    await mine('换了一根线。').getByText(/没发出去.*服务器出错了/).waitFor();
    await send(page, '这条不用发了。');
    await mine('这条不用发了。').getByText(/没发出去/).waitFor();
    await page.reload();
    await mine('换了一根线。').getByText(/没发出去.*服务器出错了/).waitFor();
    await picture(page, 'live-unsent');
    assert.equal(await bubble(mo.page, '换了一根线。').count(), 0);

    await mine('这条不用发了。').getByRole('button', { name: '删除' }).click();
    await mine('这条不用发了。').waitFor({ state: 'detached' });
    await page.unroute(messages);
    await mine('换了一根线。').getByRole('button', { name: '重试' }).click();
    await bubble(mo.page, '换了一根线。').waitFor();
    await page.getByRole('log').getByText(/没发出去/).waitFor({ state: 'detached' });
    await page.reload();
    await bubble(page, '换了一根线。').waitFor();
    for (const one of [page, mo.page]) {
      await thread(one, ['还是不行。', '换了一根线。']);
      assert.equal(await bubble(one, '这条不用发了。').count(), 0);
    }
  });

  await t.test('who is not let into a room for now does not believe to be there, and is let in later', async () => {
    mo.line.refuse();
    await mo.page.reload();
    await mo.page.getByRole('heading', { name: '打印机连不上' }).first().waitFor();
    await send(customer.page, '红灯不闪了。');
    await bubble(root.page, '红灯不闪了。').waitFor();
    assert.equal(await bubble(mo.page, '红灯不闪了。').count(), 0);
    // What he does himself shows the page that it lags behind.
    await mo.page.getByRole('button', { name: /优先级/ }).first().click();
    await mo.page.getByRole('menuitemradio', { name: '高' }).click();
    await bubble(mo.page, '红灯不闪了。').waitFor();

    await send(customer.page, '能打印了，谢谢！');
    await bubble(root.page, '能打印了，谢谢！').waitFor();
    assert.equal(await bubble(mo.page, '能打印了，谢谢！').count(), 0);
    const strip = mo.page.locator('.strip[data-open]');
    await strip.waitFor();
    mo.line.admit();
    await bubble(mo.page, '能打印了，谢谢！').waitFor({ timeout: 40_000 });
    await strip.waitFor({ state: 'detached' });
    await thread(mo.page, ['换了一根线。', '红灯不闪了。', '能打印了，谢谢！']);
  });

  await t.test('a line that died without a word is noticed within 45 seconds', async () => {
    const late = await seated(browser, '/case/api/login', 'customer', passwords.customer);
    await late.page.clock.install();
    await late.page.goto(address);
    await bubble(late.page, '能打印了，谢谢！').waitFor();
    late.line.hush();
    await send(root.page, '太好了，有事随时找我们。');
    await bubble(customer.page, '太好了，有事随时找我们。').waitFor();
    assert.equal(await bubble(late.page, '太好了，有事随时找我们。').count(), 0);
    await late.page.clock.runFor(46_000);
    await bubble(late.page, '太好了，有事随时找我们。').waitFor();
    assert.deepEqual(late.faults, []);
    await late.context.close();
  });

  await t.test('a file that comes to the ticket later is there without a reload', async () => {
    const file = { name: '打印页.png', mimeType: 'image/png', buffer: await readFile((await files()).picture) };
    const { page, context } = customer;
    const upload = { multipart: { file, ticket_id }, headers: { origin: new URL(page.url()).origin } };
    assert.ok((await context.request.post('/case/api/upload', upload)).ok());
    for (const { page } of [root, mo, customer]) await page.getByText('打印页.png').first().waitFor();
  });

  await t.test('what one tab has read is read in all tabs', async () => {
    const tab = await root.context.newPage();
    await root.page.goto('/case/admin/tickets');
    await root.page.getByRole('row', { name: /打印机连不上/ }).waitFor();
    const unread = root.page.locator('tr[data-unread]', { hasText: '打印机连不上' });
    assert.equal(await unread.count(), 0);
    await send(customer.page, '日志里有什么吗？');
    await unread.waitFor();
    await tab.goto(address);
    await bubble(tab, '日志里有什么吗？').waitFor();
    await unread.waitFor({ state: 'detached' });
    await tab.close();
  });

  await t.test('a list misses nothing: neither while its line is away for a moment, nor before it is there', async () => {
    const lists = [[root, '/case/admin/tickets'], [customer, '/case/my-tickets']];
    const unread = root.page.locator('.bell-count');
    const all = root.page.locator('.side-link', { hasText: '全部工单' }).locator('.count');
    for (const [{ page }, list] of lists) {
      await page.goto(list);
      await listed(page, '打印机连不上');
    }
    // Back before anybody is told that it was away.
    await admin.post('/case/api/notifications/read', { data: { all: true } });
    for (const [{ line }] of lists) await line.cut();
    await submit('线断了一下');
    for (const [{ line }] of lists) line.mend();
    for (const [{ page }] of lists) await listed(page, '线断了一下');
    await unread.waitFor();

    await admin.post('/case/api/notifications/read', { data: { all: true } });
    for (const [{ line, page }] of lists) {
      await line.cut();
      await page.reload();
      await listed(page, '线断了一下');
    }
    const before = Number(await all.innerText());
    await unread.waitFor({ state: 'detached' });
    await submit('线还没接上');
    for (const [{ line }] of lists) line.mend();
    for (const [{ page }] of lists) await listed(page, '线还没接上');
    await unread.waitFor();
    await all.filter({ hasText: String(before + 1) }).waitFor();
  });

  await t.test('an answer that was read before the latest news does not hide them', async () => {
    const { page } = root;
    const row = page.getByRole('row', { name: /打印机连不上/ });
    const pill = page.getByRole('button', { name: '1 条更新' });
    await page.goto('/case/admin/tickets');
    await row.getByText('高', { exact: true }).waitFor();
    // The list asks once more as soon as its line is there.
    await page.waitForLoadState('networkidle');
    const { answered, letGo } = await hold(page, /\/case\/api\/tickets\?(.*&)?q=/);
    await page.getByRole('searchbox', { name: '搜索工单' }).fill('打印');
    await answered;
    // Under somebody's pointer nothing moves by itself.
    await page.locator('.ticketlist > .scroll').hover();
    await submit('打印出来是空白');
    const lower = { ids: [ticket_id], action: 'priority', priority: '低' };
    assert.ok((await admin.post('/case/api/tickets/batch', { data: lower })).ok());
    await pill.waitFor();
    await row.getByText('低', { exact: true }).waitFor();
    letGo();
    await page.locator('.ticketlist > .scroll:not([aria-busy])').waitFor();
    await row.getByText('低', { exact: true }).waitFor();
    assert.equal(await pill.count(), 1);
    await page.mouse.move(0, 0);
    await listed(page, '打印出来是空白');
    await pill.waitFor({ state: 'detached' });
  });

  await t.test('no page had a fault', () => {
    assert.deepEqual(people.flatMap(({ faults }) => faults), []);
    assert.ok(base);
  });
});

/** Lets the server answer the next such call, and keeps the answer back until it is let go. */
async function hold(page, address) {
  let tell;
  let letGo;
  const answered = new Promise((resolve) => (tell = resolve));
  const released = new Promise((resolve) => (letGo = resolve));
  const carry = async (route) => {
    const response = await route.fetch();
    tell();
    await released;
    await route.fulfill({ response });
  };
  await page.route(address, carry, { times: 1 });
  return { answered, letGo };
}

/** Makes a page believe that its tab is behind another, or in front again. */
async function hide(page, hidden) {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'visibilityState', { value: hidden ? 'hidden' : 'visible', configurable: true });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
}
