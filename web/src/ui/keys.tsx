/** What `?` shows. */

import { known, t } from "../i18n/index";
import { keysOpen, shortcuts, type Shortcut } from "../state/shortcuts";
import { Dialog } from "./dialog";

const groups: readonly Shortcut["group"][] = ["everywhere", "writing", "player", "gallery"];
const names: Record<string, string> = { Escape: "Esc", Enter: "↵", "Shift+Enter": "⇧ ↵" };

const nameOf = (key: string) => names[key] ?? (known(`key_${key}`) ? t(`key_${key}`) : key);

export function Keys() {
	return (
		<Dialog title={t("keys")} onClose={() => (keysOpen.value = false)} class="keys-help" text>
			{groups.map((group) => (
				<section key={group}>
					<h3 class="small soft">{t(`keys_${group}`)}</h3>
					<dl>
						{shortcuts
							.filter((each) => each.group === group)
							.map(({ id, keys }) => (
								<div key={id}>
									<dt>{t(`k_${id}`)}</dt>
									<dd>
										{keys.map((key) => (
											<kbd key={key}>{nameOf(key)}</kbd>
										))}
									</dd>
								</div>
							))}
					</dl>
				</section>
			))}
		</Dialog>
	);
}
