// SPDX-License-Identifier: Apache-2.0
// A file of its own: the content policy allows no script inside the page.
Redoc.init(
  "openapi.json",
  {
    sanitize: true,
    theme: { typography: { fontFamily: "sans-serif", headings: { fontFamily: "sans-serif" } } },
  },
  document.getElementById("page"),
);
