//! Notifications: the bell, the mails as people see them, choosing and stopping them, the operators' outbox.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { api, base, openBrowser, passwords, person, picture } from './support.mjs';

/** The HTML part of the mail in this folder that says these words, once it is there. */
async function html(folder, words) {
  return eventually(`a mail about ${words}`, async () => {
    for (const name of await readdir(folder).catch(() => [])) {
      const text = await readFile(`${folder}/${name}`, 'utf8');
      if (name.endsWith('.eml') && text.includes(words)) return text.slice(text.indexOf('<!doctype html>'), text.indexOf('</html>') + '</html>'.length);
    }
  });
}

/** Asks until the answer is there. */
async function eventually(what, ask) {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await ask();
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`never: ${what}`);
}

test('notifications', { timeout: 180_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const admin = await api('/case/api/admin/login', 'admin', passwords.admin);
  const customer = await api('/case/api/login', 'customer', passwords.customer);
  const agent = await person(browser, { storageState: await admin.storageState() });
  const own = await person(browser, { storageState: await customer.storageState() });
  const bell = (page) => page.getByRole('button', { name: '通知', exact: true });
  let ticket;

  await t.test('the bell counts what is new without a reload, and opening it there reads it', async () => {
    await admin.post('/case/api/notifications/read', { data: { all: true } });
    await agent.page.goto('/case/admin/tickets');
    await bell(agent.page).waitFor();
    assert.equal(await agent.page.locator('.bell-count').count(), 0);
    const created = await customer.post('/case/api/tickets', {
      data: { title: '铃铛响一下', type: '技术支持', description: '请看看。' },
    });
    ticket = (await created.json()).ticket_id;
    await agent.page.locator('.bell-count', { hasText: '1' }).waitFor();
    await bell(agent.page).click();
    const line = agent.page.getByRole('link', { name: /提交了工单.*铃铛响一下/ });
    await line.waitFor();
    const foot = agent.page.locator('.bell-foot a');
    const [panel, link] = [await agent.page.locator('.bell-panel').boundingBox(), await foot.boundingBox()];
    assert.ok(link.y + link.height <= panel.y + panel.height, 'the panel shows its foot');
    await picture(agent.page, 'bell');
    await line.click();
    await agent.page.getByRole('heading', { name: '铃铛响一下' }).first().waitFor();
    await agent.page.locator('.bell-count').waitFor({ state: 'detached' });
  });

  await t.test('what is read in the ticket is read at the bell, in another tab too', async () => {
    await customer.post('/case/api/notifications/read', { data: { all: true } });
    await own.page.goto('/case/my-tickets');
    const other = await own.context.newPage();
    await other.goto('/case/my-tickets');
    // The first answer also takes the ticket on: a message, and a status.
    const said = await admin.post(`/case/api/tickets/${ticket}/messages`, { data: { content: '收到，马上处理' } });
    assert.ok(said.ok());
    await own.page.locator('.bell-count', { hasText: '2' }).waitFor();
    await other.locator('.bell-count', { hasText: '2' }).waitFor();
    await own.page.goto(`/case/ticket/${ticket}`);
    await own.page.getByRole('log').getByText('收到，马上处理').waitFor();
    await other.locator('.bell-count').waitFor({ state: 'detached' });
    await other.close();
  });

  await t.test('all can be marked as read', async () => {
    await customer.post('/case/api/tickets', { data: { title: '第二张', type: '技术支持', description: '还有。' } });
    await agent.page.goto('/case/admin/tickets');
    await agent.page.locator('.bell-count').waitFor();
    await bell(agent.page).click();
    await agent.page.getByRole('button', { name: '全部已读' }).click();
    await agent.page.locator('.bell-count').waitFor({ state: 'detached' });
    await agent.page.keyboard.press('Escape');
  });

  const status = (await (await admin.get('/case/api/mails/status')).json()).status;
  const files = async (end) => (await readdir(status.place)).filter((name) => name.endsWith(end)).sort();

  await t.test('a mail reads well in light and dark, on a phone, in both languages', async () => {
    const submit = async (lang, title, description) => {
      await admin.post('/case/api/me/mails', { data: { kinds: [], lang } });
      const created = await customer.post('/case/api/tickets', { data: { title, type: '技术支持', description } });
      assert.ok(created.ok());
      return html(status.place, title);
    };
    const english = await submit('en', 'The printer has lost its network', 'Since the router was replaced\nnobody can find it.');
    const chinese = await submit('zh', '二楼的扫描仪找不到了', '换了路由器以后就不行了。\n已经重启过一次。');
    assert.ok(english.includes('Open the ticket') && chinese.includes('打开工单'));
    for (const [name, mail, options] of [
      ['mail-zh-light', chinese, {}],
      ['mail-zh-phone', chinese, { viewport: { width: 390, height: 844 } }],
      ['mail-en-dark', english, { colorScheme: 'dark' }],
      ['mail-en-phone-dark', english, { colorScheme: 'dark', viewport: { width: 390, height: 844 } }],
    ]) {
      const reader = await browser.newContext({ viewport: { width: 900, height: 760 }, ...options });
      const page = await reader.newPage();
      const asked = [];
      page.on('request', (request) => asked.push(request.url()));
      await page.setContent(mail);
      await page.getByRole('link', { name: /打开工单|Open the ticket/ }).waitFor();
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wider <= 0, `${name} is ${wider} px too wide`);
      assert.deepEqual(asked.filter((url) => url.startsWith('http')), [], 'a mail loads nothing');
      await picture(page, name);
      await reader.close();
    }
  });

  await t.test('mails can be chosen', async () => {
    const { page } = own;
    await page.goto('/case/mail-choices');
    const box = page.getByRole('checkbox', { name: '工单状态变更' });
    assert.equal(await box.isChecked(), true);
    await box.uncheck();
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByText('已保存邮件通知').waitFor();
    await page.reload();
    await box.waitFor();
    assert.equal(await box.isChecked(), false);
    await picture(page, 'mail-choices');
    await box.check();
    await page.getByRole('button', { name: '保存' }).click();
    await page.getByText('已保存邮件通知').waitFor();
  });

  await t.test('the link in a mail stops such mails without a log-in, and takes it back', async () => {
    const names = await files(`-ticket_created-admin@example.com.eml`);
    const text = await readFile(`${status.place}/${names.at(-1)}`, 'utf8');
    const link = text.match(/https?:\/\/\S+\/case\/unsubscribe\?token=[\w.]+/)[0];
    const { page } = await person(browser);
    await page.goto(link.replace(/^https?:\/\/[^/]+/, base));
    await page.getByRole('heading', { name: '退订邮件' }).waitFor();
    const kinds = async () => (await (await admin.get('/case/api/me/mails')).json()).kinds;
    assert.ok((await kinds()).every((choice) => choice.on), 'looking stops nothing');
    await page.getByRole('button', { name: '不再接收' }).click();
    await page.getByRole('heading', { name: '已退订' }).waitFor();
    await picture(page, 'unsubscribed');
    assert.deepEqual((await kinds()).filter((choice) => !choice.on).map((choice) => choice.kind), ['ticket_created']);
    await page.getByRole('button', { name: '恢复接收' }).click();
    await page.getByRole('heading', { name: '退订邮件' }).waitFor();
    assert.ok((await kinds()).every((choice) => choice.on));
    await page.goto('/case/unsubscribe?token=u1.new_message.00000000000000000000000000000000');
    await page.getByRole('button', { name: '不再接收' }).click();
    await page.getByText('链接已失效').waitFor();
    await page.goto('/case/unsubscribe');
    await page.getByText('请从邮件里的退订链接打开').waitFor();
  });

  await t.test('operators see the outbox and try the mail server', async () => {
    const { page } = agent;
    await page.goto('/case/admin/tickets');
    await page.getByRole('link', { name: '邮件', exact: true }).click();
    await page.getByText('还没有设置邮件服务器').waitFor();
    await page.getByRole('row', { name: /新工单/ }).first().waitFor();
    await page.getByRole('link', { name: '等待发送' }).click();
    await page.waitForURL(/state=waiting/);
    const row = page.getByRole('row', { name: /新消息/ }).first();
    await row.getByRole('button', { name: /操作/ }).click();
    await page.getByRole('menuitem', { name: '不再发送' }).click();
    await page.getByText('已取消发送').waitFor();
    await page.getByRole('link', { name: '已取消' }).click();
    await page.getByRole('row', { name: /系统管理员 取消了发送/ }).first().waitFor();
    await page.getByRole('button', { name: '发测试邮件' }).click();
    await page.getByLabel('收件地址').fill('nobody');
    await page.getByRole('dialog').getByRole('button', { name: '发测试邮件' }).click();
    await page.getByText('邮箱好像没写完').waitFor();
    await page.getByLabel('收件地址').fill('me@example.com');
    await page.getByRole('dialog').getByRole('button', { name: '发测试邮件' }).click();
    await page.getByRole('dialog').getByText('还没有设置邮件服务器').first().waitFor();
    await picture(page, 'mail-test');
    // What the server of a mail provider says.
    const lines = [
      { speaker: 'note', text: 'smtp.qq.com:465' },
      { speaker: 'server', text: '220 newxmesmtplogicsvrszb.qq.com XMail Esmtp QQ Mail Server.' },
      { speaker: 'client', text: 'AUTH desk@qq.com ••••••' },
      { speaker: 'server', text: '535 Login Fail. Please enter your authorization code to login.' },
    ];
    const hint = 'SMTP_PASSWORD 要填授权码';
    await page.route('**/case/api/mails/test', (route) =>
      route.fulfill({ json: { success: true, sent: false, answer: `log-in: ${lines[3].text}`, hint, lines } }),
    );
    await page.getByRole('dialog').getByRole('button', { name: '发测试邮件' }).click();
    for (const { text } of lines) await page.getByRole('dialog').getByText(text).last().waitFor();
    await page.getByRole('dialog').getByText(hint).waitFor();
    await picture(page, 'mail-test-refused');
    await page.unroute('**/case/api/mails/test');
    await page.keyboard.press('Escape');
    await page.goto('/case/admin/mail?state=cancelled');
    const cancelled = page.getByRole('row', { name: /系统管理员 取消了发送/ }).first();
    await cancelled.getByRole('button', { name: /操作/ }).click();
    await page.getByRole('menuitem', { name: '立即发送' }).click();
    await page.getByText('马上发送').waitFor();
    await cancelled.waitFor({ state: 'detached' });
  });

  await t.test('what failed shows at its place; all of it goes out again, or is given up', async () => {
    const { page } = agent;
    const answer = await (await admin.get('/case/api/mails')).json();
    // Nothing fails here by itself: files are always taken.
    let failed = 3;
    await page.route('**/case/api/mails/status', async (route) => {
      const body = await (await route.fetch()).json();
      await route.fulfill({ json: { ...body, status: { ...body.status, failed } } });
    });
    await page.route('**/case/api/mails?*state=failed*', async (route) => {
      const mails = answer.mails.slice(0, failed).map((mail) => ({ ...mail, state: 'failed', answer: 'RCPT TO: 550 5.1.1 no such mailbox' }));
      await route.fulfill({ json: { ...answer, mails, total: mails.length, page: 1 } });
    });
    const asked = [];
    await page.route(/\/case\/api\/mails\/(retry|cancel)$/, async (route) => {
      asked.push(new URL(route.request().url()).pathname.split('/').at(-1));
      await route.fulfill({ json: { success: true, changed: failed } });
      failed = 0;
    });
    const places = page.getByRole('navigation', { name: '主导航' });
    for (const [button, words, does] of [
      ['全部重新发送', '3 封邮件重新发送', 'retry'],
      ['全部不再发送', '已取消 3 封邮件', 'cancel'],
    ]) {
      failed = 3;
      await page.goto('/case/admin/mail?state=failed');
      await places.getByRole('link', { name: '邮件 (3 封没有送到)' }).getByText('3').waitFor();
      await page.getByRole('row', { name: /550 5\.1\.1/ }).first().waitFor();
      await picture(page, `mail-failed-${does}`);
      await page.getByRole('button', { name: button }).click();
      if (does === 'cancel') await page.getByRole('dialog').getByRole('button', { name: button }).click();
      await page.getByText(words).waitFor();
      await places.getByRole('link', { name: '邮件', exact: true }).waitFor();
      assert.equal(await page.getByRole('button', { name: button }).count(), 0);
    }
    assert.deepEqual(asked, ['retry', 'cancel']);
    await page.unrouteAll({ behavior: 'wait' });
  });

  for (const { faults } of [agent, own]) assert.deepEqual(faults, []);
});
