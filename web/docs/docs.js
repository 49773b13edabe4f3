/* Shows /openapi.json in the viewer; what "Try it out" does goes to the server that this came from. */
'use strict';

const dark = matchMedia('(prefers-color-scheme: dark)');
const paint = () => document.documentElement.classList.toggle('dark-mode', dark.matches);

paint();
dark.addEventListener('change', paint);

if (window.SwaggerUIBundle) {
	document.querySelector('#credit').hidden = false;
	window.SwaggerUIBundle({
		url: '/openapi.json',
		dom_id: '#viewer',
		deepLinking: true,
		docExpansion: 'list',
		defaultModelsExpandDepth: 0,
		displayRequestDuration: true,
		requestSnippetsEnabled: true,
		syntaxHighlight: {theme: dark.matches ? 'monokai' : 'idea'},
		tryItOutEnabled: false,
		validatorUrl: null,
	});
} else {
	document.querySelector('#missing').hidden = false;
}
