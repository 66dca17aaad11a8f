import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ReceivedRequest, Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import type { TestApp } from '../support/test-app.ts';
import { startTestApp } from '../support/test-app.ts';

/** What the catalogue shows its readers, in the languages whose tools run here. */
const SNIPPETS = join(import.meta.dirname, '../../dashboard/src/pages/catalogue/snippets');
const SECRET = 'a secret\'s "marks" & $signs';

interface Language {
  name: string;
  /** Ends well where its tools are there. */
  probe: readonly [string, ...string[]];
  /** Around the snippet, a program: its arguments are the body's file, the signature or nothing, and the secret. */
  files: Readonly<Record<string, string>>;
  /** Where the snippet belongs among them. */
  snippet: readonly [from: string, to: string];
  build?: readonly [string, ...string[]];
  run: readonly [string, ...string[]];
}

const LANGUAGES: readonly Language[] = [
  {
    name: 'JavaScript',
    probe: [process.execPath, '--version'],
    snippet: ['signature.mjs', 'signature.mjs'],
    files: {
      'main.mjs': `
import { readFileSync } from 'node:fs';
import { isGenuine } from './signature.mjs';
const [file, signature, secret] = process.argv.slice(2);
console.log(isGenuine(readFileSync(file), signature === '' ? {} : { 'x-webhook-signature': signature }, secret));`,
    },
    run: [process.execPath, 'main.mjs'],
  },
  {
    name: 'Python',
    probe: ['python3', '--version'],
    snippet: ['signature.py', 'signature.py'],
    files: {
      'main.py': `
import sys
from signature import is_genuine
_, file, signature, secret = sys.argv
headers = {"X-Webhook-Signature": signature} if signature else {}
print("true" if is_genuine(open(file, "rb").read(), headers, secret) else "false")`,
    },
    run: ['python3', 'main.py'],
  },
  {
    name: 'Ruby',
    probe: ['ruby', '--version'],
    snippet: ['signature.rb', 'signature.rb'],
    files: {
      'main.rb': `
require_relative "signature"
file, signature, secret = ARGV
puts genuine?(File.binread(file), signature.empty? ? nil : signature, secret)`,
    },
    run: ['ruby', 'main.rb'],
  },
  {
    name: 'PHP',
    probe: ['php', '--version'],
    snippet: ['signature.php', 'signature.php'],
    files: {
      'main.php': `<?php
require 'signature.php';
[, $file, $signature, $secret] = $argv;
echo isGenuine(file_get_contents($file), $signature, $secret) ? 'true' : 'false';`,
    },
    run: ['php', 'main.php'],
  },
  {
    name: 'Go',
    probe: ['go', 'version'],
    snippet: ['signature.go', 'receiver/signature.go'],
    files: {
      'go.mod': 'module snippet\n\ngo 1.20\n',
      'main.go': `package main

import (
	"fmt"
	"net/http"
	"os"

	"snippet/receiver"
)

func main() {
	body, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	headers := http.Header{}
	if os.Args[2] != "" {
		headers.Set("X-Webhook-Signature", os.Args[2])
	}
	fmt.Println(receiver.IsGenuine(body, headers, os.Args[3]))
}
`,
    },
    build: ['go', 'build', '-o', 'verify', '.'],
    run: ['./verify'],
  },
  {
    name: 'Java',
    probe: ['javac', '-version'],
    snippet: ['signature.java', 'Signatures.java'],
    files: {
      'Main.java': `
final class Main {
    public static void main(String[] arguments) throws Exception {
        byte[] body = java.nio.file.Files.readAllBytes(java.nio.file.Path.of(arguments[0]));
        String signature = arguments[1].isEmpty() ? null : arguments[1];
        System.out.println(Signatures.isGenuine(body, signature, arguments[2]));
    }
}`,
    },
    build: ['javac', 'Main.java', 'Signatures.java'],
    run: ['java', 'Main'],
  },
];

const isThere = ([command, ...args]: Language['probe']): boolean => spawnSync(command, args).status === 0;

describe('a snippet tells what comes from us from what does not', () => {
  let folder: string;
  let receiver: Receiver;
  let app: TestApp;
  let genuine: ReceivedRequest;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'velahook-snippets-'));
    receiver = await startReceiver();
    app = await startTestApp({ ca: receiver.ca });
    await app.api.subscribe({ url: receiver.url('/hook'), events: ['crm.lead.created'], secret: SECRET });
    await app.api.publish('crm.lead.created', { name: 'Zoë', note: ' "quoted"\n' });
    const [arrived] = await receiver.waitFor(1);
    if (arrived === undefined) throw new Error('Nothing has arrived.');
    genuine = arrived;
  });

  afterAll(async () => {
    await app?.stop();
    await receiver?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  for (const { name, probe, files, snippet, build, run } of LANGUAGES)
    test.runIf(isThere(probe))(`in ${name}`, async () => {
      const cwd = join(folder, name);
      const [from, to] = snippet;
      mkdirSync(cwd);
      cpSync(join(SNIPPETS, from), join(cwd, to));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(cwd, file), text);
      const call = async ([command, ...args]: Language['run'], ...more: string[]): Promise<string> => {
        // A signature beyond ASCII is given as an argument, which some languages read by the locale.
        const env = { ...process.env, LC_ALL: 'C.UTF-8' };
        const { stdout } = await promisify(execFile)(command, [...args, ...more], { cwd, env });
        return stdout.trim();
      };
      if (build !== undefined) await call(build);
      writeFileSync(join(cwd, 'body'), genuine.body);
      writeFileSync(join(cwd, 'other'), Buffer.concat([genuine.body, Buffer.from(' ')]));
      const signature = String(genuine.headers['x-webhook-signature']);
      const answers = {
        genuine: await call(run, 'body', signature, SECRET),
        'another body': await call(run, 'other', signature, SECRET),
        'another secret': await call(run, 'body', signature, `${SECRET}.`),
        'no signature': await call(run, 'body', '', SECRET),
        'half of one': await call(run, 'body', signature.slice(0, 40), SECRET),
        'another text': await call(run, 'body', 'sha256=ü', SECRET),
      };
      expect(answers).toEqual({
        genuine: 'true',
        'another body': 'false',
        'another secret': 'false',
        'no signature': 'false',
        'half of one': 'false',
        'another text': 'false',
      });
    });
});
