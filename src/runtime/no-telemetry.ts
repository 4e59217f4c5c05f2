/**
 * ONNX Runtime 1.30 keeps an identifier of the machine in the user's home and reports its use to Microsoft, unless it is told
 * not to before it is loaded. erfit tells it so; who wants it sets the variable to 0.
 */
process.env["ORT_DISABLE_TELEMETRY"] ??= "1";
