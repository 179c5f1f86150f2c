// htmx and its server-sent events extension, in this order: the extension looks
// for the global that the first import sets.
import "../third_party/htmx/htmx.esm.js";
import "../third_party/htmx/hx-sse.js";
