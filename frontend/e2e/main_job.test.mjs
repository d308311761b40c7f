//! The main job for real: submit, take, answer live, survive a cut line, resolve, count.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, files, logIn, openBrowser, passwords, person, picture } from './support.mjs';

const guestTitle = '导出报表一直转圈，下载不了';
const customerTitle = '发票抬头开错了，能不能作废重开';
let agent;
let guest;
let customer;

const bubble = (page, text) => page.getByRole('log').getByText(text, { exact: true });

async function send(page, text) {
  await page.getByRole('textbox', { name: '回复内容' }).fill(text);
  await page.getByRole('button', { name: /^发送/ }).first().click();
}

async function messagesInOrder(page, texts) {
  const log = await page.getByRole('log').innerText();
  const places = texts.map((text) => log.indexOf(text));
  assert.ok(places.every((place) => place >= 0), `missing of ${texts}: ${places}\n${log}`);
  assert.deepEqual([...places].sort((a, b) => a - b), places, `out of order: ${places}`);
  for (const text of texts) assert.equal(log.split(text).length - 1, 1, `「${text}」 is not there exactly once`);
}

test('the main job', { timeout: 180_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());

  await t.test('the agent logs in for the first time, chooses a password, and sees an empty list', async () => {
    agent = await person(browser);
    await logIn(agent.page, '/case/admin/login', 'admin', { first: 'admin123', own: passwords.admin });
    await agent.page.waitForURL('**/case/admin/tickets');
    await agent.page.getByRole('heading', { level: 1 }).first().waitFor();
    await picture(agent.page, 'agent-empty');
  });

  await t.test('a guest submits a ticket with a picture and a file with a Chinese name', async () => {
    const attached = await files();
    guest = await person(browser);
    const { page } = guest;
    await page.goto('/case/submit');
    await page.getByRole('radio', { name: /技术支持/ }).check({ force: true });
    await page.getByLabel('一句话说明').fill(guestTitle);
    await page.getByLabel('详细描述').fill('「月度对账」报表点导出以后一直转圈。\nChrome 和 Edge 都试过，一样的。');
    await page.locator('input[type=file]').setInputFiles([attached.picture, attached.text]);
    await page.getByRole('radio', { name: /^高/ }).check({ force: true });
    await page.getByLabel('称呼').fill('林晓雯');
    await page.getByLabel('邮箱').fill('linxw@chenguang.example');
    await picture(page, 'submit-filled');
    await page.getByRole('button', { name: '提交工单' }).click();
    await page.getByText(/TK\d{12,}/).first().waitFor();
    await picture(page, 'submit-done');
    await page.getByRole('link', { name: '查看工单' }).click();
    await page.getByRole('heading', { name: guestTitle }).first().waitFor();
    await page.getByText('月度对账 说明.txt').first().waitFor();
    await page.getByText('screenshot.png').first().waitFor();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: /月度对账 说明\.txt/ }).first().click(),
    ]);
    assert.equal(download.suggestedFilename(), '月度对账 说明.txt');
  });

  await t.test('the agent sees it appear without a reload', async () => {
    await showNew(agent.page, guestTitle);
    await picture(agent.page, 'agent-list');
  });

  await t.test('a customer logs in and submits another', async () => {
    customer = await person(browser);
    const { page } = customer;
    await logIn(page, '/case/login', 'customer', { first: 'customer123', own: passwords.customer });
    await page.waitForURL('**/case/my-tickets');
    await page.goto('/case/submit');
    await page.getByRole('radio', { name: /售后服务/ }).check({ force: true });
    await page.getByLabel('一句话说明').fill(customerTitle);
    await page.getByLabel('详细描述').fill('税号是对的，抬头少了「科技」两个字。');
    await page.getByRole('button', { name: '提交工单' }).click();
    await page.waitForURL(/\/case\/ticket\/\d+/);
    await page.getByRole('heading', { name: customerTitle }).first().waitFor();
  });

  await t.test('the agent takes it and answers; the customer reads and answers without a reload', async () => {
    await showNew(agent.page, customerTitle);
    await agent.page.getByRole('link', { name: customerTitle }).first().click();
    await agent.page.waitForURL(/\/case\/ticket\/\d+/);
    await agent.page.getByRole('button', { name: /负责人/ }).first().click();
    await agent.page.getByRole('menuitem', { name: /指派给我/ }).click();
    await agent.page.getByRole('button', { name: /负责人.*系统管理员/ }).first().waitFor();
    await send(agent.page, '晓雯你好，这张发票可以作废重开。');
    await bubble(customer.page, '晓雯你好，这张发票可以作废重开。').waitFor();
    await send(customer.page, '太好了，大概多久能好？');
    await bubble(agent.page, '太好了，大概多久能好？').waitFor();
    await picture(agent.page, 'agent-ticket');
    await picture(customer.page, 'customer-ticket');
  });

  await t.test('an internal note never reaches the customer', async () => {
    await agent.page.getByRole('tab', { name: /内部备注/ }).click();
    await agent.page.getByRole('textbox', { name: '回复内容' }).fill('财务说今天能开出来');
    await agent.page.getByRole('button', { name: /^(发送|添加备注|保存备注)/ }).first().click();
    await bubble(agent.page, '财务说今天能开出来').waitFor();
    await agent.page.getByRole('tab', { name: /^回复/ }).click();
    assert.equal(await customer.page.getByText('财务说今天能开出来').count(), 0);
  });

  await t.test('the line is cut and comes back; nothing is missing, nothing is there twice', async () => {
    await customer.line.cut();
    await send(agent.page, '今天下午三点前开好。');
    await send(agent.page, '开好以后发到你邮箱。');
    await customer.page.getByText(/连接断开，正在重连/).first().waitFor();
    assert.equal(await bubble(customer.page, '今天下午三点前开好。').count(), 0);
    await picture(customer.page, 'customer-cut');
    customer.line.mend();
    await bubble(customer.page, '开好以后发到你邮箱。').waitFor({ timeout: 30_000 });
    await send(customer.page, '收到，谢谢！');
    await bubble(agent.page, '收到，谢谢！').waitFor();
    const said = ['晓雯你好，这张发票可以作废重开。', '太好了，大概多久能好？', '今天下午三点前开好。', '开好以后发到你邮箱。', '收到，谢谢！'];
    await messagesInOrder(customer.page, said);
    await messagesInOrder(agent.page, said);
    await customer.page.reload();
    await bubble(customer.page, '收到，谢谢！').waitFor();
    await messagesInOrder(customer.page, said);
  });

  await t.test('the agent resolves; the customer sees the status and the system message', async () => {
    await agent.page.getByRole('button', { name: /状态/ }).first().click();
    await agent.page.getByRole('menuitem', { name: /已解决/ }).click();
    const result = agent.page.getByRole('textbox', { name: '处理结果' });
    if (await result.waitFor({ timeout: 1500 }).then(() => true, () => false)) {
      await result.fill('发票已作废重开');
      await agent.page.getByRole('dialog').getByRole('button', { name: /已解决|解决/ }).click();
    }
    await agent.page.getByRole('button', { name: /状态.*已解决/ }).first().waitFor();
    await customer.page.getByRole('log').getByText(/已解决/).first().waitFor();
    await customer.page.getByText('已解决').first().waitFor();
    await picture(customer.page, 'customer-resolved');
  });

  await t.test("the agent's numbers on the statistics page are right", async () => {
    await agent.page.goto('/case/admin/statistics');
    await agent.page.getByText('系统管理员').first().waitFor();
    const script = await api('/case/api/admin/login', 'admin', passwords.admin);
    const numbers = await (await script.get('/case/api/statistics')).json();
    assert.equal(numbers.total_tickets, 2);
    assert.equal(numbers.pending, 1);
    assert.equal(numbers.resolved, 1);
    const own = numbers.by_agent.find((row) => row.name === '系统管理员');
    assert.deepEqual([own.total, own.open, own.done], [1, 0, 1]);
    const row = agent.page.getByRole('row', { name: /系统管理员/ });
    const cells = (await row.getByRole('cell').allInnerTexts()).join(' ');
    assert.match(cells, /1.*0.*1/s);
    await picture(agent.page, 'statistics');
  });

  await t.test("the agent takes a guest's links back; the guest is out and told why", async () => {
    const access = agent.page.getByRole('button', { name: '作废', exact: true });
    await agent.page.goto('/case/admin/tickets');
    await agent.page.getByRole('link', { name: customerTitle }).first().click();
    await agent.page.getByRole('heading', { name: customerTitle }).first().waitFor();
    assert.equal(await access.count(), 0, 'a customer with an account has no link');
    await agent.page.goto('/case/admin/tickets');
    await agent.page.getByRole('link', { name: guestTitle }).first().click();
    await access.click();
    await picture(agent.page, 'guest-links-revoke');
    await agent.page.getByRole('dialog').getByRole('button', { name: '作废访问链接' }).click();
    await agent.page.getByText('访问链接已作废').waitFor();
    await picture(agent.page, 'guest-links-revoked');
    await guest.page.getByRole('heading', { name: '链接已失效' }).waitFor();
    await picture(guest.page, 'guest-is-out');
  });

  await t.test('no page had a fault', () => {
    assert.deepEqual([...agent.faults, ...guest.faults, ...customer.faults], []);
  });
});

/** A new ticket is on the list, or waits behind the updates pill. */
async function showNew(page, title) {
  const row = page.getByRole('link', { name: title }).first();
  const pill = page.getByRole('button', { name: /条更新/ });
  await row.or(pill).first().waitFor();
  if (!(await row.isVisible())) await pill.click();
  await row.waitFor();
}
