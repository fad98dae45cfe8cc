/** The options of `connect` and `serve`. */

import { startTlsPort } from 'akushu/node';
import { Command } from 'commander';
import { runConnect } from '../commands/connect.js';
import { runServe } from '../commands/serve.js';
import type { Language } from '../language.js';
import { complain, type Environs } from '../output.js';
import {
  connectSessionArguments,
  serveSessionArguments,
  withConnectSessions,
  withServeSessions,
} from '../sessions/options.js';
import { parsePort, parseSeconds, parseStartTls, parseTarget, UsageError } from '../usage.js';
import type { Words } from '../words/index.js';
import {
  base,
  choice,
  collect,
  commonArguments,
  type Done,
  languageOption,
  mapped,
  text,
  type Values,
  withVersions,
} from './shared.js';

export function connectCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words;
  const command = base(new Command('connect'), words, environs)
    .description(help.connect)
    .argument('<host>', help.host)
    .option('--servername <name>', help.servername)
    .option('--starttls <protocol>', help.starttls)
    .option('--alpn <list>', help.alpn)
    .option('--ca <file>', help.ca)
    .option('--cert <file>', help.cert, collect)
    .option('--key <file>', help.key, collect);
  withVersions(command, words)
    .option('--cipher-order <side>', help.clientCipherOrder)
    .option('--groups <list>', help.groups)
    .option('--ciphers <list>', help.ciphers)
    .option('--sigalgs <list>', help.sigalgs);
  return withConnectSessions(command, words)
    .option('--keylog <file>', help.keylog)
    .option('--pcap <file>', help.pcap)
    .option('--json', help.json)
    .addOption(languageOption(words))
    .option('--insecure', help.insecure)
    .option('--once', help.once)
    .option('--timeout <seconds>', help.timeout)
    .addHelpText('after', `\n${help.connectMore}`)
    .action(async (host: string, values: Values) => {
      const starttls = mapped(text(values, 'starttls'), (name) => parseStartTls(name, words));
      // A client has no say in it: nothing is passed over without a word.
      if (cipherOrder(values, words) !== undefined)
        complain(environs.stderr, [words.notes.orderIsTheServers]);
      const args = {
        ...commonArguments(values, words, environs),
        target: parseTarget(host, words, starttls && startTlsPort(starttls)),
        starttls,
        language,
        servername: text(values, 'servername'),
        pcap: text(values, 'pcap'),
        json: values.json === true,
        insecure: values.insecure === true,
        once: values.once === true,
        ...connectSessionArguments(values, words),
        timeout: parseSeconds('--timeout', text(values, 'timeout') ?? '10', words),
      };
      done(await runConnect(args, environs));
    });
}

export function serveCommand(words: Words, language: Language, environs: Environs, done: Done): Command {
  const { help } = words;
  const command = base(new Command('serve'), words, environs)
    .description(help.serve)
    .option('--port <port>', help.port)
    .option('--host <address>', help.listenHost)
    .option('--cert <file>', help.serveCert, collect)
    .option('--key <file>', help.serveKey, collect)
    .option('--http', help.http)
    .option('--alpn <list>', help.alpn)
    .option('--ca <file>', help.serveCa)
    .option('--client-auth <mode>', help.clientAuth);
  withVersions(command, words)
    .option('--cipher-order <side>', help.cipherOrder)
    .option('--groups <list>', help.groups)
    .option('--ciphers <list>', help.ciphers)
    .option('--sigalgs <list>', help.sigalgs);
  return withServeSessions(command, words)
    .option('--keylog <file>', help.keylog)
    .option('--save-cert <file>', help.saveCert)
    .option('--json', help.serveJson)
    .addOption(languageOption(words))
    .option('--once', help.serveOnce)
    .addHelpText('after', `\n${help.serveMore}`)
    .action(async (values: Values) => {
      const args = {
        ...commonArguments(values, words, environs),
        ...serveSessionArguments(values, words),
        cipherOrder: cipherOrder(values, words),
        port: parsePort(text(values, 'port') ?? '4433', words, 0),
        host: text(values, 'host'),
        language,
        saveCert: text(values, 'saveCert'),
        clientAuth: clientAuth(values, words),
        http: values.http === true,
        json: values.json === true,
        once: values.once === true,
      };
      done(await runServe(args, environs));
    });
}

const cipherOrder = (values: Values, words: Words): 'server' | 'client' | undefined =>
  choice(values, 'cipherOrder', '--cipher-order', ['server', 'client'] as const, words);

function clientAuth(values: Values, words: Words): 'request' | 'require' | undefined {
  const mode = choice(values, 'clientAuth', '--client-auth', ['request', 'require'] as const, words);
  if (mode !== undefined && values.ca === undefined) throw new UsageError(words.usage.clientAuthNeedsCa);
  return mode;
}
