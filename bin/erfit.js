#!/usr/bin/env node
import { main, watchStreams } from "../dist/cli/main.js";

watchStreams();
process.exitCode = await main(process.argv.slice(2));
