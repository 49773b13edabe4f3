import { t } from "../i18n/index";
import { signOut } from "../state/studio";
import { Preferences } from "./preferences";

export function Settings() {
	return (
		<section class="settings">
			<h1>{t("settings")}</h1>
			<Preferences />
			<button type="button" onClick={() => signOut()}>
				{t("sign_out")}
			</button>
		</section>
	);
}
