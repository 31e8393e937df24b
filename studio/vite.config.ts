// Builds Studio into STUDIO_OUT (the build hook names it) and lays a brotli and a gzip copy beside every text file,
// so that the server sends the small copy without compressing anything itself.
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const outDir = process.env.STUDIO_OUT ?? "dist";
const isText = (name: string) => /\.(js|css|svg|html)$/.test(name);

function compressedCopies(): Plugin {
  return {
    name: "compressed-copies",
    apply: "build",
    writeBundle() {
      for (const entry of readdirSync(outDir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !isText(entry.name)) continue;
        const path = join(entry.parentPath, entry.name);
        const bytes = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(bytes));
        writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  plugins: [react(), compressedCopies()],
  build: {
    outDir,
    emptyOutDir: true,
    sourcemap: false,
    target: "es2022",
    // Lightning CSS would rewrite light-dark() for older browsers, and Mantine's colours would vanish.
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
  },
  server: { proxy: { "/api": process.env.STUDIO_API ?? "http://127.0.0.1:3000" } },
});
