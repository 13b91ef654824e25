// Somebody who uses the page: by mouse only, or by keyboard only. Neither knows more of a page than roles and names.
import type { Locator, Page } from 'playwright-core';

export type Hands = 'mouse' | 'keyboard';

type Role = Parameters<Page['getByRole']>[0];
type Name = string | RegExp;

/** Presses of Tab after which something counts as out of reach. */
const maxTabs = 150;
const maxArrows = 60;

/** Within these one goes by arrows; Tab leads to the whole. */
const byArrows: ReadonlySet<Role> = new Set(['tab', 'menuitem', 'option', 'radio', 'menuitemradio']);

const hasFocus = (locator: Locator): Promise<boolean> =>
  locator
    .evaluate((element) => element === document.activeElement || element.contains(document.activeElement))
    .catch(() => false);

export class Person {
  constructor(
    readonly page: Page,
    readonly hands: Hands,
  ) {}

  /** Goes to a page of the navigation. */
  async goTo(title: string): Promise<void> {
    const { page } = this;
    if (this.hands === 'mouse') {
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: title, exact: true }).click();
    } else {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: /Search pages/ }).waitFor();
      await page.keyboard.type(title);
      await page.keyboard.press('Enter');
    }
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  }

  /** Presses a button, a link, a tab or an entry of a menu. */
  async press(role: Role, name: Name): Promise<void> {
    const target = this.page.getByRole(role, { name }).first();
    await target.waitFor();
    if (this.hands === 'mouse') {
      await target.click();
      return;
    }
    await this.reach(target, role);
    // A tab is shown as soon as it is reached.
    if (role !== 'tab') await this.page.keyboard.press('Enter');
  }

  /** Replaces what is in a field. Even who uses the mouse has to type. */
  async write(label: Name, text: string): Promise<void> {
    // Panels and groups have names too.
    const writable = this.page.locator('input, textarea, [contenteditable="true"]');
    const field = this.page.getByLabel(label).and(writable).first();
    await field.waitFor();
    if (this.hands === 'mouse') await field.click();
    else await this.reach(field, 'textbox');
    await this.page.keyboard.press('Control+a');
    await this.page.keyboard.insertText(text);
  }

  /** Opens a list of choices and takes one. */
  async choose(label: Name, option: Name): Promise<void> {
    await this.press('button', label);
    await this.press('option', option);
  }

  /** Opens the row of a table that has this text. */
  async openRow(text: Name): Promise<void> {
    const row = this.page.getByRole('row').filter({ hasText: text }).first();
    await row.waitFor();
    if (this.hands === 'mouse') {
      await row.click();
      return;
    }
    const grid = this.page.getByRole('grid').first();
    await this.reach(grid, 'grid');
    for (let step = 0; step < maxArrows; step += 1) {
      if ((await row.getAttribute('data-active')) !== null) {
        await this.page.keyboard.press('Enter');
        return;
      }
      await this.page.keyboard.press('j');
    }
    throw new Error(`No row is reached by keyboard: ${String(text)}`);
  }

  /** Brings the focus to something by Tab and arrows. @throws Error when it is out of reach */
  private async reach(target: Locator, role: Role): Promise<void> {
    const { keyboard } = this.page;
    const composite = byArrows.has(role);
    for (let step = 0; step < maxTabs; step += 1) {
      if (await hasFocus(target)) return;
      if (composite && (await this.isInComposite(role))) {
        for (let arrow = 0; arrow < maxArrows; arrow += 1) {
          if (await hasFocus(target)) return;
          await keyboard.press(role === 'tab' ? 'ArrowRight' : 'ArrowDown');
        }
      }
      await keyboard.press('Tab');
    }
    throw new Error(
      `Out of reach of the keyboard: ${await target.evaluate((element) => element.outerHTML.slice(0, 200))}`,
    );
  }

  private isInComposite(role: string): Promise<boolean> {
    return this.page.evaluate((wanted) => document.activeElement?.getAttribute('role') === wanted, role);
  }
}
