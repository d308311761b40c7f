//! What the browser tests share: browser, people, files, and a live connection that can be cut.
import { mkdir, writeFile } from 'node:fs/promises';
import { chromium, expectTimeout, request } from './playwright.mjs';

export const base = process.env.BASE_URL ?? 'http://127.0.0.1:5000';
export const passwords = { admin: 'wave-Pattern-2026', customer: 'porcelain-2026', agent: 'cobalt-Blue-2026' };

/** One browser for a test file; every person is a context of his own. */
export async function openBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    // A sandboxed frame stays in its page's process: Playwright loses sight of it when it moves to another.
    args: ['--disable-features=IsolateSandboxedIframes', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** A person in front of a browser: faults of the page are collected and must be none at the end. */
export async function person(browser, options = {}) {
  const context = await browser.newContext({ baseURL: base, locale: 'zh-CN', viewport: { width: 1440, height: 900 }, ...options });
  context.setDefaultTimeout(expectTimeout);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|panicked|unreachable/.test(message.text())) faults.push(message.text());
  });
  const line = await cuttable(page);
  return { context, page, faults, line };
}

/**
 * Puts the page's live connection through a switch: `cut` closes it and keeps it closed until `mend`, `hush` lets it die
 * without a word, `refuse` answers each join as an overrun server does until `admit`, `lose` loses the next message.
 */
async function cuttable(page) {
  const open = new Set();
  let isCut = false;
  let isFull = false;
  let toLose = 0;
  await page.routeWebSocket(/\/case\/ws/, (socket) => {
    if (isCut) return void socket.close({ code: 1012 });
    const server = socket.connectToServer();
    const line = { socket, server, isDead: false };
    socket.onMessage((frame) => {
      const { event, id } = JSON.parse(frame);
      if (line.isDead) return;
      if (isFull && event === 'join') refuseJoin(socket, id);
      else server.send(frame);
    });
    server.onMessage((frame) => {
      if (line.isDead) return;
      if (toLose > 0 && JSON.parse(frame).event === 'new_message') toLose -= 1;
      else socket.send(frame);
    });
    open.add(line);
  });
  return {
    async cut() {
      isCut = true;
      for (const { socket, server } of open) {
        await server.close().catch(() => {});
        await socket.close({ code: 1012 }).catch(() => {});
      }
      open.clear();
    },
    mend() {
      isCut = false;
    },
    hush() {
      for (const line of open) line.isDead = true;
    },
    refuse() {
      isFull = true;
    },
    admit() {
      isFull = false;
    },
    lose() {
      toLose += 1;
    },
  };
}

/** What the server says to a join that it has no time for. */
function refuseJoin(socket, id) {
  const problem = { code: 'busy', message: '现在有点忙，请稍候再试' };
  socket.send(JSON.stringify({ event: 'ack', id, data: { success: false, ...problem } }));
  socket.send(JSON.stringify({ event: 'error_message', data: problem }));
}

/** Logs in through the page; a first log-in goes through choosing a password. */
export async function logIn(page, door, username, passwords) {
  await page.goto(door);
  await page.getByLabel('用户名或邮箱').fill(username);
  await page.getByLabel('密码', { exact: true }).fill(passwords.first ?? passwords.own);
  await page.getByRole('button', { name: '登录', exact: true }).click();
  if (!passwords.first) return;
  await page.getByLabel('当前密码').fill(passwords.first);
  await page.getByLabel('新密码', { exact: true }).fill(passwords.own);
  const again = page.getByLabel('再输一次新密码');
  if (await again.count()) await again.fill(passwords.own);
  await page.locator('form').getByRole('button').last().click();
}

/** The API as a script uses it: no browser, its own cookies. */
export async function api(door, username, password) {
  const client = await request.newContext({ baseURL: base });
  const answer = await client.post(door, { data: { username, password } });
  if (!answer.ok()) throw new Error(`${username} cannot log in: ${await answer.text()}`);
  return client;
}

/** Files to attach: a real picture, and a text whose name is Chinese. */
export async function files() {
  const folder = new URL('./output/files/', import.meta.url);
  await mkdir(folder, { recursive: true });
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAoAAAAKCAYAAACNMs+9AAAAFUlEQVR42mNk+M9Qz0AEYBxVSF+FABJADveWkH6oAAAAAElFTkSuQmCC',
    'base64',
  );
  const picture = new URL('screenshot.png', folder);
  const text = new URL('月度对账 说明.txt', folder);
  await writeFile(picture, png);
  await writeFile(text, '导出十月的数据，一直转圈。\n');
  return { picture: decodeURI(picture.pathname), text: decodeURI(text.pathname) };
}

/** Keeps a picture of the page beside the test output. */
export async function picture(page, name) {
  await page.screenshot({ path: new URL(`./output/${name}.png`, import.meta.url).pathname });
}
