//! The agents' rarer pages come as a part of their own: not at a first visit, once, and again after a failure.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, openBrowser, passwords, person } from './support.mjs';

const part = /\/case\/later-[0-9a-f]{16}\.wasm$/;

/** Somebody, and which wasm files the page has asked for since it was opened. */
async function watched(browser, client) {
  const someone = await person(browser, { storageState: await client.storageState() });
  const asked = [];
  someone.page.on('request', (request) => {
    if (request.url().endsWith('.wasm')) asked.push(request.url());
  });
  return { ...someone, asked, parts: () => asked.filter((url) => part.test(url)) };
}

const place = (page, name) => page.getByRole('navigation', { name: '主导航' }).getByRole('link', { name, exact: true });

test('the rarer pages', { timeout: 120_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const admin = await api('/case/api/admin/login', 'admin', passwords.admin);
  const customer = await api('/case/api/login', 'customer', passwords.customer);

  await t.test('a customer never loads them', async () => {
    const { page, asked, parts, faults, context } = await watched(browser, customer);
    await page.clock.install();
    await page.goto('/case/my-tickets');
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.clock.fastForward(60_000);
    await page.waitForLoadState('networkidle');
    assert.equal(asked.length, 1, `one wasm file: ${asked}`);
    assert.deepEqual(parts(), []);
    assert.deepEqual(faults, []);
    await context.close();
  });

  await t.test('an agent loads them when the first of them is opened, and once', async () => {
    const { page, parts, faults, context } = await watched(browser, admin);
    await page.goto('/case/admin/tickets');
    await place(page, '统计').waitFor();
    assert.deepEqual(parts(), []);
    await place(page, '统计').click();
    await page.locator('.report-body').waitFor();
    await place(page, '用户').click();
    await page.getByRole('button', { name: '新建账号' }).waitFor();
    await place(page, '邮件').click();
    await page.getByRole('link', { name: '邮件模板' }).click();
    await page.getByRole('link', { name: '新消息' }).waitFor();
    assert.equal(parts().length, 1);
    assert.deepEqual(faults, []);
    await context.close();
  });

  await t.test('they are loaded ahead some time after an agent has come', async () => {
    const { page, parts, faults, context } = await watched(browser, admin);
    await page.clock.install();
    await page.goto('/case/admin/tickets');
    await place(page, '统计').waitFor();
    const [answer] = await Promise.all([
      page.waitForResponse(part),
      page.clock.fastForward(10_000),
    ]);
    assert.match(answer.headers()['cache-control'], /immutable/);
    await answer.finished();
    await place(page, '统计').click();
    await page.locator('.report-body').waitFor();
    assert.equal(parts().length, 1);
    assert.deepEqual(faults, []);
    await context.close();
  });

  await t.test('what does not load says so, and loads at a second attempt', async () => {
    const { page, parts, faults, context } = await watched(browser, admin);
    await page.route(part, (route) => route.abort());
    await page.goto('/case/admin/tickets');
    await place(page, '用户').click();
    const failure = page.getByRole('alert').filter({ hasText: '页面没加载出来' });
    await failure.waitFor();
    await page.getByRole('heading', { level: 1, name: '用户' }).waitFor();
    await page.unroute(part);
    await failure.getByRole('button', { name: '重试' }).click();
    await page.getByRole('button', { name: '新建账号' }).waitFor();
    assert.equal(await failure.count(), 0);
    assert.equal(parts().length, 2);
    assert.deepEqual(faults, []);
    await context.close();
  });

  await t.test('a newer server has other files: a second attempt loads the page anew', async () => {
    const { page, faults, context } = await watched(browser, admin);
    await page.route(part, (route) => route.fulfill({ status: 404, body: '' }));
    await page.goto('/case/admin/statistics');
    const failure = page.getByRole('alert').filter({ hasText: '页面没加载出来' });
    await failure.waitFor();
    // Loaded anew, the page has lost this.
    await page.evaluate(() => { window.isOld = true; });
    await failure.getByRole('button', { name: '重试' }).click();
    await page.waitForFunction(() => !window.isOld);
    await failure.waitFor();
    await page.unroute(part);
    await failure.getByRole('button', { name: '重试' }).click();
    await page.locator('.report-body').waitFor();
    assert.deepEqual(faults, []);
    await context.close();
  });
});
