//! Every page by itself: reachable by its address, on a phone, in the dark, in English, without accessibility faults.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import AxeBuilder from '@axe-core/playwright';
import { api, base, openBrowser, passwords, person, picture } from './support.mjs';

const looks = [
  { name: 'desktop', options: {} },
  { name: 'phone', options: { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true } },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'english', options: { locale: 'en-US' }, lang: 'en' },
  { name: 'english-phone', options: { locale: 'en-US', viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }, lang: 'en' },
];

/** A context that is logged in already, in one of the looks. */
async function visitor(browser, look, client) {
  const state = client ? await client.storageState() : undefined;
  const someone = await person(browser, { ...look.options, storageState: state });
  return someone;
}

async function isSound(page, name) {
  await page.waitForLoadState('networkidle');
  const wider = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.ok(wider <= 0, `${name} is ${wider} px wider than the screen`);
  const outside = await page.evaluate(() => {
    const ends = (element) => element.getBoundingClientRect().right;
    const scrolls = (element) => element && (['auto', 'scroll'].includes(getComputedStyle(element).overflowX) && ends(element) <= innerWidth + 1 || scrolls(element.parentElement));
    const all = [...document.querySelectorAll('main :is(a, button, input, textarea, select, h1, h2)')];
    return all.filter((element) => element.checkVisibility() && ends(element) > innerWidth + 1 && !scrolls(element.parentElement)).map((element) => element.outerHTML.slice(0, 120));
  });
  assert.deepEqual(outside, [], `${name}: nobody can see these`);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa']).analyze();
  const faults = violations
    .filter((fault) => ['serious', 'critical'].includes(fault.impact))
    .map((fault) => `${fault.id}: ${fault.nodes.map((node) => `${node.target} ${node.any[0]?.message ?? ''}`).join(' | ')}`);
  assert.deepEqual(faults, [], name);
}

test('every page', { timeout: 600_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const agent = await api('/case/api/admin/login', 'admin', passwords.admin);
  const customer = await api('/case/api/login', 'customer', passwords.customer);
  const created = await agent.post('/case/api/tickets', {
    data: {
      customer_name: '周子昂', customer_email: 'zhou@shiguang.example', type: '技术支持', priority: '高',
      title: '收银小票打印乱码，换纸也没用', description: '打印出来全是问号，门店在排队。\n'.repeat(3),
    },
  });
  const ticket = (await created.json()).ticket_id;
  const own = (await (await customer.get('/case/api/tickets')).json()).tickets[0].id;

  const pages = [
    ['login', '/case/login', null],
    ['admin-login', '/case/admin/login', null],
    ['submit', '/case/submit', null],
    ['my-tickets', '/case/my-tickets', customer],
    ['customer-ticket', `/case/ticket/${own}`, customer],
    ['foreign-ticket', `/case/ticket/${ticket}`, customer],
    ['agent-list', '/case/admin/tickets', agent],
    ['agent-list-no-match', '/case/admin/tickets?status=closed&q=%E6%B2%A1%E6%9C%89', agent],
    ['agent-ticket', `/case/ticket/${ticket}`, agent],
    ['users', '/case/admin/users', agent],
    ['statistics', '/case/admin/statistics', agent],
    ['mail', '/case/admin/mail', agent],
    ['mail-none', '/case/admin/mail?state=failed', agent],
    ['mail-templates', '/case/admin/mail/templates', agent],
    ['mail-choices', '/case/mail-choices', customer],
    ['unsubscribe', '/case/unsubscribe?token=u1.new_message.x', null],
    ['password', '/case/password', agent],
    ['not-found', '/case/nowhere', agent],
  ];
  for (const look of looks) {
    await t.test(`as ${look.name}`, async (t) => {
      for (const [name, path, client] of pages) {
        await t.test(name, async () => {
          const someone = await visitor(browser, look, client);
          if (look.lang) await someone.page.addInitScript((lang) => {
            // Not in a frame, which has no storage.
            if (window === window.top) localStorage.setItem('casedesk.lang', lang);
          }, look.lang);
          await someone.page.goto(path);
          await someone.page.getByRole('heading').first().waitFor();
          await isSound(someone.page, `${name} as ${look.name}`);
          await picture(someone.page, `${look.name}-${name}`);
          assert.deepEqual(someone.faults, []);
          await someone.context.close();
        });
      }
    });
  }
});

test('a list keeps its filters in the address', { timeout: 60_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const agent = await api('/case/api/admin/login', 'admin', passwords.admin);
  const { page } = await visitor(browser, looks[0], agent);
  await page.goto('/case/admin/tickets');
  await page.getByRole('searchbox', { name: '搜索工单' }).fill('收银小票');
  await page.waitForURL(/q=/);
  await page.getByRole('link', { name: /收银小票打印乱码/ }).first().waitFor();
  await page.reload();
  assert.equal(await page.getByRole('searchbox', { name: '搜索工单' }).inputValue(), '收银小票');
  await page.getByRole('link', { name: /收银小票打印乱码/ }).first().click();
  await page.waitForURL(/\/case\/ticket\//);
  await page.goBack();
  await page.waitForURL(/q=/);
});

test('several tickets are changed at once', { timeout: 60_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const agent = await api('/case/api/admin/login', 'admin', passwords.admin);
  for (const n of [1, 2]) {
    await agent.post('/case/api/tickets', {
      data: { customer_name: '何雨桐', customer_email: 'he@yunqi.example', title: `批量处理 ${n}`, description: '一起关闭' },
    });
  }
  const { page } = await visitor(browser, looks[0], agent);
  await page.goto('/case/admin/tickets?q=%E6%89%B9%E9%87%8F%E5%A4%84%E7%90%86');
  for (const n of [1, 2]) await page.getByRole('checkbox', { name: `选择 批量处理 ${n}` }).check({ force: true });
  const bar = page.getByRole('toolbar', { name: '批量操作' });
  await bar.getByRole('button', { name: /关闭工单/ }).click();
  await page.getByRole('textbox', { name: '处理结果' }).fill('已统一处理');
  await page.getByRole('dialog').getByRole('button', { name: /关闭/ }).last().click();
  await page.getByRole('status').getByText(/已关闭 2 条|2 条/).first().waitFor();
  const closed = await (await agent.get('/case/api/tickets?status=closed&q=%E6%89%B9%E9%87%8F%E5%A4%84%E7%90%86')).json();
  assert.equal(closed.total, 2);
});

test('the door is checked', { timeout: 60_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const { page } = await person(browser);
  await page.goto('/case/my-tickets');
  await page.waitForURL(/\/case\/login/);
  await page.getByLabel('用户名或邮箱').fill('customer');
  await page.getByLabel('密码', { exact: true }).fill('wrong-password');
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.getByText(/用户名或密码不对/).waitFor();
  await page.getByLabel('密码', { exact: true }).fill(passwords.customer);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  await page.waitForURL(/\/case\/my-tickets/);
  assert.equal(new URL(page.url()).origin, new URL(base).origin);
});
