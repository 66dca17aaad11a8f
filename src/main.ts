#!/usr/bin/env node
import process from 'node:process';
import { serve } from './cli/serve.ts';
import { runCommand } from './cli/command.ts';

process.exitCode = await runCommand(process.argv.slice(2), { serve });
