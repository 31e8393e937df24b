// The welcome page: spend a one-time link or sign in by password, then make a first API key.
"use strict";
const at = (id) => document.getElementById(id);

async function call(method, path, body) {
  const answer = await fetch(path, {
    method,
    headers: body ? { "Content-Type": "application/json" } : {},
    body: body && JSON.stringify(body),
  });
  const facts = await answer.json();
  if (!answer.ok) throw new Error(facts.message);
  return facts;
}

function show(user, message) {
  at("sign-in").hidden = Boolean(user);
  at("signed-in").hidden = !user;
  at("message").textContent = message ?? (user ? `Signed in as ${user.email}.` : "Sign in to go on.");
}

// Shows what went wrong and lets the same button be pressed again.
async function attempt(button, work) {
  button.disabled = true;
  try {
    await work();
  } catch (error) {
    at("message").textContent = error.message;
  } finally {
    button.disabled = false;
  }
}

async function start() {
  const token = location.hash.slice(1);
  // The token leaves the address bar and the history before anything else happens.
  if (token) history.replaceState(null, "", location.pathname);
  try {
    const { user } = token ? await call("POST", "/api/auth/sign-in", { token }) : await call("GET", "/api/auth/me");
    show(user);
  } catch (error) {
    show(null, token ? error.message : null);
  }
}

at("sign-in").addEventListener("submit", (event) => {
  event.preventDefault();
  attempt(event.submitter, async () => {
    const { user } = await call("POST", "/api/auth/sign-in", { email: at("email").value, password: at("password").value });
    at("password").value = "";
    show(user);
  });
});

at("create-key").addEventListener("click", (event) =>
  attempt(event.target, async () => {
    const { key } = await call("POST", "/api/keys", { name: `Made in the browser on ${new Date().toISOString().slice(0, 10)}` });
    at("key").textContent = key;
    at("curl").textContent = `curl ${location.origin}/api/audience/batch-upload \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
  -d '{"upload_name": "First batch", "records": [{"email": "name@example.org"}]}'`;
    at("new-key").hidden = false;
    at("new-key").querySelector("h2").focus();
  }));

at("sign-out").addEventListener("click", (event) =>
  attempt(event.target, async () => {
    await call("POST", "/api/auth/sign-out", {});
    at("new-key").hidden = true;
    at("key").textContent = at("curl").textContent = "";
    show(null, "You are signed out.");
  }));

start();
