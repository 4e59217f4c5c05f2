// Makes native libraries fail to load as they do on a platform that they have no binary for. Preloaded with `--import`; the
// variable ERFIT_TEST_HIDE holds, as JSON, requests by a regular expression, and the message and code of the error.
import Module from "node:module";
import process from "node:process";

const hidden = JSON.parse(process.env.ERFIT_TEST_HIDE ?? "[]");
const load = Module._load;
Module._load = function (request, ...rest) {
  const found = hidden.find(({ requests }) => new RegExp(requests).test(request));
  if (found !== undefined) throw Object.assign(new Error(found.message), { code: found.code });
  return load.call(this, request, ...rest);
};
