// A day of an app made with the npm package tiktok-shop-sdk, which has its addresses built in: as a name server would,
// `fetch` leads them to the sandbox. The package itself is as published.
const assert = require("node:assert/strict");
const { TikTokShopSDK, TikTokAPIError } = require("tiktok-shop-sdk");

const { GCW_SANDBOX, GCW_SANDBOX_KEY, GCW_SANDBOX_SECRET } = process.env;
const THEIRS = ["https://open-api.tiktokglobalshop.com", "https://auth.tiktok-shops.com"];
const outside = globalThis.fetch;
globalThis.fetch = (address, options) => {
  const theirs = THEIRS.find((each) => address.startsWith(`${each}/`));
  assert(theirs, address);
  return outside(GCW_SANDBOX + address.slice(theirs.length), options);
};

async function control(path, wish) {
  const answer = await outside(`${GCW_SANDBOX}/_sandbox${path}`, { method: "POST", body: JSON.stringify(wish) });
  assert.equal(answer.status, 200);
  return answer.json();
}

async function readyOrder() {
  return (await control("/orders", { status: "AWAITING_SHIPMENT", lines: [{ quantity: 2 }] })).order_id;
}

async function refused(code, call) {
  await assert.rejects(call, (error) => error instanceof TikTokAPIError && error.code === code && error.request_id !== "");
}

async function connect() {
  const sdk = new TikTokShopSDK({ appKey: GCW_SANDBOX_KEY, appSecret: GCW_SANDBOX_SECRET });
  const { code } = await control("/authorizations", { seller: "paper-harbor" });
  const first = (await sdk.auth.getAccessToken({ auth_code: code })).data;
  const tokens = (await sdk.auth.refreshAccessToken({ refresh_token: first.refresh_token })).data;
  sdk.setAccessToken(tokens.access_token);
  await refused(106013, () => sdk.logistic.getWarehouseList());
  sdk.setShopCipher((await sdk.shop.getAuthorizedShops()).data.shops[0].cipher);
  assert((await sdk.seller.getActiveShops()).data.shops.length);
  await sdk.seller.getSellerPermissions();
  return sdk;
}

async function listings(sdk) {
  const found = (await sdk.product.searchProducts({ query: { page_size: 5 }, body: { status: "ALL" } })).data;
  const [product] = found.products;
  assert.equal((await sdk.product.getProduct({ product_id: product.id })).data.title, product.title);
}

async function carrierOf(sdk) {
  const { warehouses } = (await sdk.logistic.getWarehouseList()).data;
  const sales = warehouses.find((each) => each.type === "SALES_WAREHOUSE");
  const { delivery_options } = (await sdk.logistic.getWarehouseDeliveryOptions(sales.id)).data;
  const own = delivery_options.find((each) => each.type === "SEND_BY_SELLER");
  return (await sdk.logistic.getShippingProviders(own.id)).data.shipping_providers[0].id;
}

async function orders(sdk) {
  const ids = [await readyOrder(), await readyOrder()];
  const found = (await sdk.order.getOrderList({ query: { page_size: 50 }, body: { order_status: "AWAITING_SHIPMENT" } })).data;
  assert(ids.every((id) => found.orders.some((each) => each.id === id)));
  const detail = (await sdk.order.getOrderDetail({ ids })).data.orders;
  assert.deepEqual(detail.map((each) => each.line_items.length), [2, 2]);
}

async function cancelling(sdk) {
  const order_id = await readyOrder();
  const { cancel_id } = await control(`/orders/${order_id}/request-cancel`, {});
  await sdk.return_refund.approveCancellation({ cancel_id });
  await refused(25020003, () => sdk.return_refund.approveCancellation({ cancel_id }));
  const body = { order_id: await readyOrder(), cancel_reason: "seller_cancel_reason_out_of_stock" };
  await sdk.return_refund.cancelOrder(body);
  const found = (await sdk.return_refund.searchCancellation({ query: { page_size: 20 }, body: {} })).data;
  assert(found.cancellations.some((each) => each.order_id === body.order_id));
}

async function events(sdk) {
  const hook = { event_type: "ORDER_STATUS_CHANGE", address: "https://print.example/hook" };
  await sdk.event.updateShopWebhook(hook);
  assert.equal((await sdk.event.getShopWebhooks()).data.webhooks[0].address, hook.address);
  await sdk.event.deleteShopWebhook({ event_type: hook.event_type });
}

async function day() {
  const sdk = await connect();
  for (const act of [listings, carrierOf, orders, cancelling, events]) await act(sdk);
}

day();
