/** Short messages at the edge; an open dialog has them in it, since all else lies below it and is inert. */

import { t } from "../i18n/index";
import { act, dismiss, toasts } from "../state/toasts";
import { Tool } from "./tool";

export function Toasts() {
	return (
		<div class="toasts" role="status">
			{toasts.value.map((toast) => (
				<div class="toast" data-kind={toast.kind} key={toast.id}>
					<p>
						{toast.text}
						{toast.requestId && (
							<code title={t("toast_request")}>{toast.requestId}</code>
						)}
					</p>
					{toast.action && (
						<button type="button" class="link" onClick={() => act(toast)}>
							{toast.action.label}
						</button>
					)}
					<Tool icon="close" label={t("close")} onClick={() => dismiss(toast.id)} />
				</div>
			))}
		</div>
	);
}
