// The Node contender: Shopify's own library proves the raw body, BullMQ keeps it as one job under
// the webhook's id, so that a repeat adds nothing; 200 after Valkey has taken it. Two processes.
import cluster from "node:cluster";
import "@shopify/shopify-api/adapters/node";
import { ApiVersion, LogSeverity, shopifyApi } from "@shopify/shopify-api";
import { Queue } from "bullmq";
import express from "express";

const { PORT, PROCESSES, REDIS_URL, SHOPIFY_API_SECRET } = process.env;

function serve() {
  const shopify = shopifyApi({
    apiKey: "bench",
    apiSecretKey: SHOPIFY_API_SECRET,
    apiVersion: Object.values(ApiVersion).at(-1),
    hostName: "localhost",
    isEmbeddedApp: true,
    logger: { level: LogSeverity.Error },
  });
  const queue = new Queue("webhooks", { connection: { url: REDIS_URL } });
  const app = express();
  app.disable("x-powered-by").disable("etag");
  app.get("/healthz", (_request, response) => response.send("ok"));
  app.post("/webhooks/shopify", express.text({ type: "*/*", limit: "2mb" }), receive);
  app.listen(Number(PORT), "127.0.0.1");

  async function receive(request, response) {
    const rawBody = request.body;
    const proof = await shopify.webhooks.validate({
      rawBody,
      rawRequest: request,
      rawResponse: response,
    });
    if (!proof.valid) return response.sendStatus(401);
    const { domain, topic, webhookId } = proof;
    const jobId = `${domain}-${webhookId}`;
    await queue.add(topic, { domain, webhookId, body: rawBody }, { jobId });
    return response.sendStatus(200);
  }
}

if (cluster.isPrimary) {
  for (let number = 0; number < Number(PROCESSES); number += 1) cluster.fork();
} else {
  serve();
}
