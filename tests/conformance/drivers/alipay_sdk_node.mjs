// Drives npm `alipay-sdk`, the official one, unmodified: a JSON object a line in, one a line out.
// The protocol is that of `python_alipay_sdk.py`. Every answer is verified by the SDK.
import { createInterface } from 'node:readline';
import { createRequire } from 'node:module';

const require = createRequire(`${process.argv[2]}/`);
const { AlipaySdk } = require('alipay-sdk');

let sdk;

function page({ method, content, extra }) {
  const params = { method: 'GET', bizContent: content };
  if (extra?.return_url) params.returnUrl = extra.return_url;
  if (extra?.notify_url) params.notifyUrl = extra.notify_url;
  return { verb: 'GET', url: sdk.pageExecute(method, params), form: {} };
}

async function call({ method, content, extra }) {
  // What stands in biz_content is put in camel case by nobody: the SDK writes it in snake case.
  const params = Object.keys(content).length ? { bizContent: content } : {};
  for (const [name, value] of Object.entries(extra ?? {})) params[name] = value;
  const answer = await sdk.exec(method, params, { validateSign: true });
  return Object.fromEntries(Object.entries(answer).map(
    ([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]));
}

async function answer(asked) {
  if (asked.do === 'verify') return sdk.checkNotifySignV2(asked.notice);
  if (asked.do === 'page') return page(asked);
  return call(asked);
}

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (!sdk) {
    sdk = new AlipaySdk({
      appId: asked.app_id, privateKey: asked.private_key, gateway: asked.gateway,
      timeout: 15000,
      ...(asked.mode === 'certificates' ? {
        appCertContent: asked.app_certificate, alipayRootCertContent: asked.root_certificate,
        alipayPublicCertContent: asked.gateway_certificate,
      } : { alipayPublicKey: asked.gateway_public_key }),
      ...(asked.encrypt_key ? { encryptKey: asked.encrypt_key } : {}),
    });
    continue;
  }
  let said;
  try {
    said = { answer: await answer(asked) };
  } catch (error) {
    said = { error: `${error.name}: ${error.message}` };
  }
  process.stdout.write(`${JSON.stringify(said)}\n`);
}
