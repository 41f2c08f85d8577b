// SPDX-License-Identifier: Apache-2.0
// A file of its own: the content policy allows no script inside the page.

const KEY = "ovos-gateway-login";
// of the access token, when it is time for a new one
const SPARE_SECONDS = 30;

const form = document.getElementById("login");
const session = document.getElementById("session");
const refusal = form.querySelector("output");

// kept by the browser until the tab is closed, and for this tab only
let login = JSON.parse(sessionStorage.getItem(KEY));
let refreshing = null;

const ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#docs",
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  tryItOutEnabled: true,
  // only the log-in above is kept
  persistAuthorization: false,
  validatorUrl: null,
  onComplete: show,
  requestInterceptor: async (request) => {
    if (login && request.headers.Authorization === "Bearer " + login.access && isExpiring(login.access)) {
      await refresh();
      if (login) {
        request.headers.Authorization = "Bearer " + login.access;
      }
    }
    return request;
  },
  responseInterceptor: (response) => {
    // what somebody tries with the tokens of the log-in changes it
    const path = new URL(response.url).pathname;
    if (login && response.ok && path.endsWith("/auth/refresh") && response.body && response.body.refresh_token) {
      keep(login.user, response.body);
    } else if (login && response.ok && path.endsWith("/auth/logout")) {
      forget();
    }
    return response;
  },
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  refusal.textContent = "";
  const { user, password } = Object.fromEntries(new FormData(form));
  try {
    const answer = await call("tokens", { "Content-Type": "application/json" }, JSON.stringify({ user, password }));
    const body = await answer.json();
    if (answer.ok) {
      form.reset();
      keep(user, body);
    } else {
      refusal.textContent = body.detail || body.title;
    }
  } catch (e) {
    refusal.textContent = "The gateway does not answer.";
  }
});

session.querySelector("button").addEventListener("click", () => {
  call("logout", { Authorization: "Bearer " + login.refresh }).catch(() => {});
  forget();
});

// Both tokens of the dialog ask for the cursor, and the last one gets it; nearly all operations take the first.
new MutationObserver((changes) => {
  for (const change of changes) {
    for (const added of change.addedNodes) {
      if (added.nodeType === Node.ELEMENT_NODE && added.querySelector(".modal-ux")) {
        setTimeout(() => added.querySelector(".auth-container input")?.focus());
      }
    }
  }
}).observe(document.getElementById("docs"), { childList: true, subtree: true });

function call(path, headers, body) {
  return fetch("v1/auth/" + path, { method: "POST", headers, body, credentials: "omit" });
}

function refresh() {
  refreshing ??= call("refresh", { Authorization: "Bearer " + login.refresh })
    .then(async (answer) => {
      if (answer.ok) {
        keep(login.user, await answer.json());
      } else if (answer.status === 401) {
        forget();
        refusal.textContent = "The login has ended. Log in again.";
      }
    })
    .catch(() => {})
    .finally(() => (refreshing = null));
  return refreshing;
}

function isExpiring(token) {
  const claims = JSON.parse(atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/")));
  return claims.exp - Date.now() / 1000 < SPARE_SECONDS;
}

function keep(user, tokens) {
  login = { user, access: tokens.access_token, refresh: tokens.refresh_token };
  sessionStorage.setItem(KEY, JSON.stringify(login));
  show();
}

function forget() {
  login = null;
  sessionStorage.removeItem(KEY);
  ui.authActions.logout(["access", "refresh"]);
  show();
}

function show() {
  form.hidden = login !== null;
  session.hidden = login === null;
  if (login) {
    session.querySelector("strong").textContent = login.user;
    ui.preauthorizeApiKey("access", login.access);
    ui.preauthorizeApiKey("refresh", login.refresh);
  }
}
