import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

/** The gateway that `npm run dev` speaks to. */
const gateway = `http://127.0.0.1:${process.env["GATEWAY_PORT"] ?? "3000"}`;

export default defineConfig({
  plugins: [react()],
  // The packages' sources are bundled as they are: the page needs no build of theirs.
  resolve: { conditions: ["@warren/source", "module", "browser", "development|production"] },
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    // The preload polyfill would be an inline script in effect; every browser of the target preloads by itself.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
  server: {
    host: "127.0.0.1",
    proxy: { "/socket.io": { target: gateway, ws: true } },
  },
});
