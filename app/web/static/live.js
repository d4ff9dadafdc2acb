// Marks what has arrived since the page was opened, and rests while nobody looks.

const seen = new Set();
const remember = (root) => root.querySelectorAll("[data-row]").forEach((row) => seen.add(row.dataset.row));
remember(document);

document.addEventListener("htmx:after:swap", () => {
  for (const row of document.querySelectorAll("[data-row]")) {
    if (!seen.has(row.dataset.row)) row.classList.add("fresh");
  }
  remember(document);
});

document.addEventListener("htmx:config:request", (event) => {
  const asks = event.target.closest?.("[data-live]");
  if (asks && document.hidden) event.preventDefault();
});

// Lists whose choice is a whole new page need no button where scripts run.
for (const form of document.querySelectorAll("form[data-at-once]")) {
  form.querySelector("[data-fallback]")?.setAttribute("hidden", "");
  form.addEventListener("change", () => form.requestSubmit());
}

// The session has ended: opened anew, the page says how to come back. Inside Shopify's admin App
// Bridge reads a 401 itself.
const framed = document.querySelector('meta[name="shopify-api-key"]') !== null;
document.addEventListener("htmx:response:error", (event) => {
  if (!framed && event.detail.ctx?.response?.status === 401) location.reload();
});
