//! Alerts of one device: the sound and the desktop notification, told once however many tabs are open.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { api, openBrowser, passwords, person, picture } from './support.mjs';

/** Puts recorders in the place of what a headless browser neither shows nor plays. */
function record(permission) {
  window.alerts = { shown: [], notes: [] };
  window.Notification = class {
    static get permission() {
      return localStorage.getItem('answered') ?? permission;
    }
    static async requestPermission() {
      if (permission === 'default') localStorage.setItem('answered', 'granted');
      return this.permission;
    }
    constructor(title, options) {
      window.alerts.shown.push({ title, body: options.body, tag: options.tag });
      window.alerts.last = this;
    }
    close() {}
  };
  const param = () => ({ value: 0, setTargetAtTime() {} });
  window.AudioContext = class {
    currentTime = 0;
    destination = {};
    createGain = () => ({ gain: param(), connect() {} });
    createOscillator = () => {
      const frequency = param();
      return { frequency, connect() {}, start: () => window.alerts.notes.push(frequency.value), stop() {} };
    };
    close = async () => {};
  };
}

const settings = '/case/mail-choices';
const list = '/case/admin/tickets';
const soundSwitch = (page) => page.getByRole('switch', { name: '提示音' });
const desktopSwitch = (page) => page.getByRole('switch', { name: '桌面通知' });

/** Somebody whose browser stands like this to notifications; asked for the first time, it allows them. */
async function listener(browser, client, permission, options = {}) {
  const found = await person(browser, { storageState: await client.storageState(), ...options });
  await found.context.addInitScript(record, permission);
  return found;
}

/** As if somebody looked elsewhere: Playwright's tabs all have the focus. */
const lookAway = (page) => page.evaluate(() => (document.hasFocus = () => false));
const alerts = (page) => page.evaluate(() => ({ shown: window.alerts.shown, notes: window.alerts.notes }));

test('alerts', { timeout: 120_000 }, async (t) => {
  const browser = await openBrowser();
  t.after(() => browser.close());
  const admin = await api('/case/api/admin/login', 'admin', passwords.admin);
  const customer = await api('/case/api/login', 'customer', passwords.customer);
  const agent = await listener(browser, admin, 'default');
  const [one, other] = [agent.page, await agent.context.newPage()];
  const submit = async (title) => {
    const created = await customer.post('/case/api/tickets', { data: { title, type: '技术支持', description: '请看看。' } });
    assert.ok(created.ok());
    return (await created.json()).ticket_id;
  };
  /** Both tabs show `count` unread, and whoever tells of it has told. */
  const heard = async (count) => {
    for (const page of [one, other]) await page.locator('.bell-count', { hasText: String(count) }).waitFor();
    await one.waitForTimeout(3_000);
  };
  const readAll = () => admin.post('/case/api/notifications/read', { data: { all: true } });
  const openLists = async () => {
    for (const page of [one, other]) {
      await page.goto(list);
      await page.getByRole('button', { name: '通知', exact: true }).waitFor();
      await page.waitForTimeout(500);
      await lookAway(page);
    }
  };

  await t.test('off until switched on', async () => {
    await readAll();
    await openLists();
    await submit('没人提醒');
    await heard(1);
    for (const page of [one, other]) assert.deepEqual(await alerts(page), { shown: [], notes: [] });
  });

  await t.test('switched on they show what they are like, and stay on', async () => {
    await one.goto(settings);
    await soundSwitch(one).check();
    assert.deepEqual((await alerts(one)).notes, [659.25, 880]);
    await desktopSwitch(one).check();
    await one.waitForFunction(() => window.alerts.shown.length === 1);
    assert.equal((await alerts(one)).shown[0].title, '桌面通知已打开');
    await one.reload();
    await soundSwitch(one).waitFor();
    assert.ok(await soundSwitch(one).isChecked());
    assert.ok(await desktopSwitch(one).isChecked());
    await picture(one, 'alerts');
  });

  await t.test('what was unread before is not told, what is new is told by one tab', async () => {
    await openLists();
    const ticket = await submit('只响一次');
    await heard(2);
    const [here, there] = [await alerts(one), await alerts(other)];
    const shown = [...here.shown, ...there.shown];
    assert.deepEqual(shown, [{ title: shown[0]?.title, body: '只响一次', tag: `/case/ticket/${ticket}` }]);
    assert.match(shown[0].title, /提交了工单$/);
    assert.equal(here.notes.length + there.notes.length, 2);
    const teller = here.shown.length ? one : other;
    await teller.evaluate(() => window.alerts.last.onclick());
    await teller.getByRole('heading', { name: '只响一次' }).first().waitFor();
  });

  await t.test('a tab that is in front rings and shows nothing', async () => {
    await readAll();
    await openLists();
    await one.evaluate(() => delete document.hasFocus);
    await submit('就在眼前');
    await heard(1);
    assert.deepEqual(await alerts(one), { shown: [], notes: [659.25, 880] });
    assert.deepEqual(await alerts(other), { shown: [], notes: [] });
  });

  await t.test('what is read as it arrives is not told', async () => {
    const ticket = await submit('正在看');
    await readAll();
    await openLists();
    await one.goto(`/case/ticket/${ticket}`);
    await one.getByRole('log').waitFor();
    const said = await customer.post(`/case/api/tickets/${ticket}/messages`, { data: { content: '还在吗？' } });
    assert.ok(said.ok());
    await one.getByRole('log').getByText('还在吗？').waitFor();
    await one.waitForTimeout(4_000);
    for (const page of [one, other]) assert.deepEqual(await alerts(page), { shown: [], notes: [] });
  });

  await t.test('what is read before anybody told of it is not told', async () => {
    await readAll();
    await openLists();
    await submit('已经看过');
    await Promise.all([one, other].map((page) => page.locator('.bell-count').waitFor()));
    await readAll();
    await one.waitForTimeout(4_000);
    for (const page of [one, other]) assert.deepEqual(await alerts(page), { shown: [], notes: [] });
  });

  await t.test('switched off again they are silent', async () => {
    await one.goto(settings);
    await soundSwitch(one).uncheck();
    await desktopSwitch(one).uncheck();
    await openLists();
    await submit('又没人提醒');
    await heard(1);
    for (const page of [one, other]) assert.deepEqual(await alerts(page), { shown: [], notes: [] });
  });

  await t.test('what is forbidden goes back off and says why', async () => {
    const { page, faults } = await listener(browser, customer, 'denied', { viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    await page.goto(settings);
    await desktopSwitch(page).click();
    await page.getByRole('alert').getByText('浏览器禁止了本站的通知').waitFor();
    assert.equal(await desktopSwitch(page).isChecked(), false);
    await picture(page, 'alerts-denied');
    await page.evaluate(() => delete window.Notification);
    await desktopSwitch(page).click();
    await page.getByRole('alert').getByText('这个浏览器发不了桌面通知').waitFor();
    assert.equal(await desktopSwitch(page).isChecked(), false);
    assert.deepEqual(faults, []);
  });

  await readAll();
  assert.deepEqual(agent.faults, []);
});
