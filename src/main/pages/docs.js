// SPDX-License-Identifier: Apache-2.0
// A file of its own: the content policy allows no script inside the page.
SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // tokens are forgotten when the page is left
  persistAuthorization: false,
  validatorUrl: null,
});
