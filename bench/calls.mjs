// What each client of the bench says, and how each answer is checked, for autocannon: see calls.lua, which says the
// same to wrk.
//
// node calls.mjs AUTOCANNON URL CLIENTS SECONDS orders KEY RUN FILE
// node calls.mjs AUTOCANNON URL CLIENTS SECONDS purchases KEY FIRST LAST
// node calls.mjs AUTOCANNON URL CLIENTS SECONDS page KEY PATH EXPECTED

import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [where, url, clients, seconds, what, key, ...rest] = process.argv.slice(2);
const autocannon = createRequire(import.meta.url)(where);
const always = { Host: new URL(url).host, Authorization: `lucca application=${key}` };

const PURCHASE = JSON.stringify({
  ownerId: 35, natureId: 1, costCenterId: 3, establishmentId: 1, departmentId: 14,
  supplier: { id: 6, name: "Supplier 6", territoryId: "FR" }, title: "Purchase entry test", axisSectionIds: [361],
});
const COMMITMENT = {
  costDate: "2025-04-14", invoiceDate: "2025-04-14",
  amountIncludingTaxes: { excludingTaxes: { value: 120, currency: "EUR" }, taxes: [] },
  type: "OneTimeCommitment", attachmentIds: [], state: "Created", comment: "Comment", paymentMethod: null,
};

const times = [];
const orders = [];
let wrong = 0;
let example = "";
let calls = 0;
let instance;

function check(right, status, body) {
  if (right) return;
  wrong += 1;
  example ||= `${status} ${body.slice(0, 400)}`;
  instance.stop();
}

function post(path, body) {
  calls += 1;
  const headers = { ...always, "Idempotency-Key": `${rest[0]}-${calls}` };
  if (body) headers["Content-Type"] = "application/json";
  return { method: "POST", path: `/cleemy-procurement/api${path}`, headers, body };
}

function get(path) {
  return { method: "GET", path: `/cleemy-procurement/api${path}`, headers: always };
}

const found = (body, pattern) => body.match(pattern)?.[1];

const THREE_CALLS = [
  {
    setupRequest: () => post("/purchases", PURCHASE),
    onResponse: (status, body, order) => {
      order.purchase = found(body, /^\{"id":(\d+),/);
      check(status === 201 && order.purchase && body.includes('"state":"Created"'), status, body);
    },
  },
  {
    setupRequest: (_, { purchase }) => post("/commitments", JSON.stringify({ purchaseId: Number(purchase), ...COMMITMENT })),
    onResponse: (status, body, order) => {
      order.commitment = found(body, /"commitmentId":(\d+)/);
      check(status === 201 && order.commitment && body.includes(`"purchase":{"id":${order.purchase},`), status, body);
    },
  },
  {
    setupRequest: (_, { commitment }) => post(`/commitments/${commitment}/requests`),
    onResponse: (status, body, { purchase, commitment }) => {
      const request = found(body, /^\{"id":(\d+),/);
      const order = found(body, /"order":\{"id":(\d+),/);
      const right = body.includes(`"commitmentId":${commitment},`) && body.includes('"state":"Approved"');
      check(status === 201 && request && order && right, status, body);
      orders.push(`${purchase} ${commitment} ${request} ${order}`);
    },
  },
];

const ANY_PURCHASE = [
  {
    setupRequest: (_, reading) => {
      const [first, last] = [Number(rest[0]), Number(rest[1])];
      reading.purchase = first + Math.floor(Math.random() * (last - first + 1));
      return get(`/purchases/${reading.purchase}`);
    },
    onResponse: (status, body, { purchase }) => {
      check(status === 200 && body.startsWith(`{"id":${purchase},`), status, body);
    },
  },
];

const PAGE = [
  {
    setupRequest: () => get(rest[0]),
    onResponse: (status, body) => check(status === 200 && body.includes(rest[1]), status, body),
  },
];

const requests = { orders: THREE_CALLS, purchases: ANY_PURCHASE, page: PAGE }[what];
const options = { url, connections: Number(clients), duration: Number(seconds), timeout: 20, requests };
const began = performance.now();
instance = autocannon(options, (error, result) => {
  if (error) throw error;
  const passed = (performance.now() - began) / 1000;
  times.sort((a, b) => a - b);
  const percentile = (part) => times[Math.floor((times.length - 1) * part)] ?? 0;
  if (what === "orders") writeFileSync(rest[1], `${orders.join("\n")}\n`);
  console.log("result " + JSON.stringify({
    calls: times.length, seconds: passed, p50_ms: percentile(0.5), p99_ms: percentile(0.99),
    lost: result.errors + result.timeouts, wrong, example,
  }));
});
instance.on("response", (_client, _status, _bytes, time) => times.push(time));
