#!/usr/bin/env node
import process from 'node:process';
import { setFlagsFromString } from 'node:v8';
import { runCommand } from './cli/command.ts';
import { COMMANDS } from './cli/commands.ts';

// V8 13.6 may free WebAssembly code (undici parses HTTP with it) that another thread is about to run, and the process
// dies of SIGSEGV. There is little such code and it lives as long as we do: nothing is lost by never collecting it.
setFlagsFromString('--no-wasm-code-gc');

process.exitCode = await runCommand(process.argv.slice(2), COMMANDS);
