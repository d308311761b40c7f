//! Tabs of one browser: they share its cookies, so none may go on as somebody else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, logIn, openBrowser, passwords, person, picture } from './support.mjs';

const field = (page) => page.getByRole('textbox', { name: '回复内容' });

test('another person logs in, in another tab', { timeout: 120_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const admin = await api('/case/api/admin/login', 'admin', passwords.admin);
  const customer = await api('/case/api/login', 'customer', passwords.customer);
  const created = await customer.post('/case/api/tickets', { data: { title: '两个标签页', type: '技术支持', description: '共用一台电脑。' } });
  const { ticket_id } = await created.json();
  const address = `/case/ticket/${ticket_id}`;
  const said = async () => {
    const { messages } = await (await admin.get(`/case/api/tickets/${ticket_id}/messages`)).json();
    return messages.filter(({ is_system }) => !is_system).map(({ content, sender_type }) => `${sender_type}: ${content}`);
  };

  const { page: one, context, line, faults } = await person(browser);
  await logIn(one, '/case/admin/login', 'admin', { own: passwords.admin });
  await one.waitForURL('**/case/admin/tickets');
  await one.goto(address);
  await one.getByRole('heading', { name: '两个标签页' }).first().waitFor();
  const other = await context.newPage();
  const status = one.getByRole('button', { name: /状态/ }).first();

  await t.test('the first tab becomes that person, and what waits there is not sent in his name', async () => {
    await status.waitFor();
    let isDead = true;
    const posts = [];
    await context.route(`**/case/api/tickets/${ticket_id}/messages`, (route) => {
      if (route.request().method() !== 'POST') return route.continue();
      posts.push(route.request().postDataJSON().content);
      return isDead ? route.abort() : route.continue();
    });
    await line.cut();
    await field(one).fill('客服说的话。');
    await one.getByRole('button', { name: /^发送/ }).first().click();
    await one.getByRole('log').getByText('客服说的话。').waitFor();
    while (posts.length === 0) await one.waitForTimeout(50);
    await field(one).fill('客服还没写完');
    await logIn(other, '/case/login', 'customer', { own: passwords.customer });
    await other.waitForURL('**/case/my-tickets');
    isDead = false;
    line.mend();
    await one.getByRole('heading', { name: '两个标签页' }).first().waitFor();
    await status.waitFor({ state: 'detached' });
    await one.getByRole('log').getByText('共用一台电脑。').waitFor();
    assert.equal(await one.getByText('客服说的话。').count(), 0);
    assert.equal(await field(one).inputValue(), '');
    await picture(one, 'tabs-other-person');
    // As long as it would take to try again.
    await one.waitForTimeout(4_000);
    assert.deepEqual(await said(), []);
  });

  await t.test('it is sent when its writer is back, and what he was writing is there', async () => {
    await logIn(other, '/case/admin/login', 'admin', { own: passwords.admin });
    await other.waitForURL('**/case/admin/tickets');
    await status.waitFor();
    await one.getByRole('log').getByText('客服说的话。', { exact: true }).waitFor();
    assert.equal(await field(one).inputValue(), '客服还没写完');
    for (let tries = 0; (await said()).length === 0 && tries < 50; tries += 1) await one.waitForTimeout(100);
    assert.deepEqual(await said(), ['admin: 客服说的话。']);
  });

  await t.test('who logs out in one tab is out in all, and comes back in all', async () => {
    await other.getByRole('button', { name: /^账号/ }).click();
    await other.getByRole('menuitem', { name: '退出登录' }).click();
    await other.waitForURL('**/case/admin/login');
    await one.waitForURL('**/case/login?next=*');
    await logIn(other, '/case/login', 'customer', { own: passwords.customer });
    await one.waitForURL(`**${address}`);
    await one.getByRole('log').getByText('客服说的话。', { exact: true }).waitFor();
    assert.equal(await status.count(), 0);
  });

  await t.test('a tab that heard nothing of it asks when it comes to the front', async () => {
    // No tab does this, so none is told.
    await context.request.post('/case/api/admin/login', { data: { username: 'admin', password: passwords.admin } });
    await one.evaluate(() => localStorage.setItem('casedesk.session', 'left while it slept'));
    await one.evaluate(() => void setTimeout(() => window.dispatchEvent(new Event('focus'))));
    await status.waitFor();
  });

  await t.test('no page had a fault', () => assert.deepEqual(faults, []));
});
