// Create, list, change and delete a subscription. HOST, TOKEN and WORKSPACE are those of your server.
const { HOST, TOKEN, WORKSPACE } = process.env;

const headers = {
  Authorization: `Bearer ${TOKEN}`,
  'x-workspace-id': WORKSPACE,
  'Content-Type': 'application/json',
};
const webhooks = `${HOST}/api/v1/integrations/webhooks`;

async function call(method, url, body) {
  const response = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  const { success, data, error } = await response.json();
  if (!success) throw new Error(`${response.status} ${error.code}: ${error.message}`);
  return data;
}

const { subscription } = await call('POST', webhooks, {
  url: 'https://example.com/webhooks/velaflows',
  events: ['inbox.message.received', 'customer.created'],
  secret: 'whsec_your_signing_secret',
});
console.log('created', subscription._id);

const { items, pagination } = await call('GET', `${webhooks}?page=1&limit=20`);
console.log('listed', items.length, 'of', pagination.total);

const changed = await call('PATCH', `${webhooks}/${subscription._id}`, { active: false });
console.log('changed', changed.subscription.active);

const deleted = await call('DELETE', `${webhooks}/${subscription._id}`);
console.log('deleted', deleted.deleted);
