// What each client does: asks, connects an account, watches its import to the end, and asks again.
//
// `ask(query, variables)` gives the data; `watch(query, variables)` an async iterable of data. Prints what was seen as
// JSON.
const VIEWER = 'query Viewer { viewer { workspace { name } } }';

const CONNECT = `mutation Connect($input: ConnectWithApiKeyInput!) {
  connectWithApiKey(input: $input) { connection { id } errors { message } }
}`;

const PROGRESS = `subscription Progress($id: ID!) {
  importProgress(connectionId: $id) { status sequence importedPayments percentComplete }
}`;

const PAYMENTS = 'query Payments { payments(first: 5) { nodes { id stripeId } totalCount } }';

const REFUSED = 'subscription Refused { importProgress(connectionId: "nothing") { status } }';

export const documents = { VIEWER, CONNECT, PROGRESS, PAYMENTS, REFUSED };

export async function flow({ ask, watch }) {
  const [name, apiKey] = process.argv.slice(4);
  const viewer = await ask(VIEWER, {});
  const connected = await ask(CONNECT, { input: { name, apiKey } });
  const { connection, errors } = connected.connectWithApiKey;
  if (errors.length > 0) throw new Error(JSON.stringify(errors));
  const seen = [];
  for await (const data of watch(PROGRESS, { id: connection.id })) {
    seen.push(data.importProgress);
    if (['SUCCEEDED', 'FAILED', 'CANCELED'].includes(data.importProgress.status)) break;
  }
  const { payments } = await ask(PAYMENTS, {});
  let refused = null;
  try {
    for await (const data of watch(REFUSED, {})) throw new Error(`was told ${JSON.stringify(data)}`);
  } catch (error) {
    // Some clients throw one error, some a list of them.
    refused = [error].flat().map(({ message }) => message).join('; ');
  }
  console.log(JSON.stringify({
    workspace: viewer.viewer.workspace.name,
    seen,
    payments: payments.totalCount,
    page: payments.nodes.length,
    refused,
  }));
}

// An async iterable of what a subscriber is told; `start` gets the subscriber and gives a way to stop.
export async function* told(start) {
  const queue = [];
  let wake = () => {};
  const put = (entry) => { queue.push(entry); wake(); };
  const stop = start({
    next: (value) => put({ value }),
    error: (error) => put({ error }),
    complete: () => put({ done: true }),
  });
  try {
    for (;;) {
      while (queue.length === 0) await new Promise((resolve) => { wake = resolve; });
      const { value, error, done } = queue.shift();
      if (error) throw error;
      if (done) return;
      yield value;
    }
  } finally {
    stop();
  }
}
