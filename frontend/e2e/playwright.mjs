//! The one place that names the browser library and its patience.
import playwright from 'playwright-core';

export const { chromium, request } = playwright;
/** Milliseconds that anything on a page may take. */
export const expectTimeout = 10_000;
