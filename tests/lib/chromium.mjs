/*
 * Debian's two programs of Chromium, and how both are started here.
 *
 * The shell needs half of the time; what it has not, as notifications and extensions, is for the whole of it. That one
 * makes pages of its own beside those it is asked for, of which no test sees anything; this list of what is off is the
 * last, and so counts instead of Playwright's, of which it repeats what matters here.
 */
const OFF = ['WebUIOmniboxPopup', 'WebUIOmniboxAimPopup', 'SpareRendererForSitePerProcess',
	'DestroyProfileOnBrowserClose', 'HttpsUpgrades', 'HttpsFirstBalancedModeAutoEnable', 'MediaRouter', 'OptimizationHints'];

export const SHELL = '/usr/bin/chromium-headless-shell';
export const WHOLE = process.env.CHROMIUM ?? '/usr/bin/chromium';

export const FLAGS = ['--no-sandbox', '--disable-background-networking', '--disable-component-update',
	'--disable-sync', '--disable-quic', '--no-first-run', '--autoplay-policy=no-user-gesture-required',
	`--disable-features=${OFF.join(',')}`];
