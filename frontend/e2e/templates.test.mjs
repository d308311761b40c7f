//! Mail templates: written with the mail beside them, refused when they cannot be used, taken back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, openBrowser, passwords, person } from './support.mjs';

test('mail templates', { timeout: 120_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const admin = await api('/case/api/admin/login', 'admin', passwords.admin);
  const key = { kind: 'new_message', lang: 'zh' };
  await admin.post('/case/api/mails/templates/reset', { data: key });
  const stored = async () => {
    const { templates } = await (await admin.get('/case/api/mails/templates')).json();
    return templates.find((one) => one.kind === key.kind && one.lang === key.lang);
  };
  const { page } = await person(browser, { storageState: await admin.storageState() });
  const html = page.getByRole('textbox', { name: 'HTML' });
  const text = page.getByRole('textbox', { name: '纯文本' });
  const mail = page.frameLocator('.template-preview iframe');
  const save = page.getByRole('button', { name: '保存', exact: true });

  await t.test('the mail stands beside its template, in its own styles', async () => {
    await page.goto('/case/admin/mail');
    await page.getByRole('link', { name: '邮件模板' }).click();
    await page.getByRole('link', { name: '新消息' }).click();
    const button = mail.getByRole('link', { name: '打开工单' });
    await button.waitFor();
    const colour = await button.evaluate((link) => getComputedStyle(link.closest('td')).backgroundColor);
    assert.notEqual(colour, 'rgba(0, 0, 0, 0)', 'the button is drawn as one');
    await button.click();
    assert.ok(await button.isVisible(), 'a click leads nowhere');
  });

  await t.test('what is typed shows in the mail, and no script of it runs', async () => {
    await html.fill('<p>您好{{ customer.name }}</p><img src=x onerror="document.title=\'ran\'"><script>document.title="ran"</script>');
    await mail.getByText('您好张三').waitFor();
    assert.notEqual(await mail.locator('html').evaluate(() => document.title), 'ran');
  });

  await t.test('a snippet goes where the cursor is', async () => {
    await text.fill('头尾');
    await text.press('Home');
    await text.press('ArrowRight');
    await page.getByText('可以插入的内容').click();
    await page.getByRole('button', { name: 'ticket.number', exact: true }).click();
    assert.equal(await text.inputValue(), '头{{ ticket.number }}尾');
  });

  await t.test('what cannot be used is said at once, is not stored, and is there again after a reload', async () => {
    await text.fill('第一行\n{{ ticket.tilte }}');
    await page.getByText('纯文本 · 第 2 行：没有这个词：ticket.tilte').waitFor();
    await mail.getByText('您好张三').waitFor();
    await save.click();
    await page.getByText('第 2 行：没有这个词：ticket.tilte', { exact: true }).waitFor();
    assert.equal((await stored()).revision, 0);
    await page.reload();
    await text.waitFor();
    assert.equal(await text.inputValue(), '第一行\n{{ ticket.tilte }}');
    await page.getByRole('link', { name: 'English' }).click();
    await mail.getByRole('link', { name: 'Open the ticket' }).waitFor();
    await page.getByRole('link', { name: '中文' }).click();
    assert.equal(await text.inputValue(), '第一行\n{{ ticket.tilte }}');
  });

  await t.test('it is saved, and somebody else who was writing is asked first', async () => {
    const other = await person(browser, { storageState: await admin.storageState() });
    await other.page.goto('/case/admin/mail/templates?kind=new_message&lang=zh');
    const theirs = other.page.getByRole('textbox', { name: '纯文本' });
    await theirs.fill('他们的 {{ link }}');
    await text.fill('我们的 {{ link }}');
    await save.click();
    await page.getByText('模板已保存').waitFor();
    await page.getByText('已改写').waitFor();
    assert.equal((await stored()).text, '我们的 {{ link }}');
    await other.page.getByRole('button', { name: '保存', exact: true }).click();
    await other.page.getByText('你编辑的时候，有人保存了新的内容').waitFor();
    assert.equal(await theirs.inputValue(), '他们的 {{ link }}');
    assert.equal((await stored()).text, '我们的 {{ link }}');
    await other.page.getByRole('button', { name: '保留我的' }).click();
    await other.page.getByRole('button', { name: '保存', exact: true }).click();
    await other.page.getByText('模板已保存').waitFor();
    assert.equal((await stored()).text, '他们的 {{ link }}');
    await other.context.close();
  });

  await t.test('the built-in one comes back', async () => {
    await page.reload();
    await page.getByRole('button', { name: '恢复默认' }).click();
    await page.getByRole('dialog').getByRole('button', { name: '恢复默认' }).click();
    await page.getByText('已恢复默认模板').waitFor();
    await page.getByText('默认模板', { exact: true }).waitFor();
    assert.equal((await stored()).revision, 0);
    assert.ok((await text.inputValue()).includes('查看并回复'));
  });
});
