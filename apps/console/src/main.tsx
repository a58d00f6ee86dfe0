import { MantineProvider } from "@mantine/core";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app.tsx";
import { ChatRoom } from "./chat/chat-room.ts";
import { openGatewayClient } from "./connection/gateway-client.ts";
import { KeptPosition } from "./connection/kept-position.ts";
import { DeliveryFeed } from "./deliveries/delivery-feed.ts";
import { theme } from "./theme/theme.ts";
import "./theme/mantine.css";
import "./theme/tokens.css";

// The page is served by the gateway it talks to. The lines live as long as the page, outside of React.
const feed = new DeliveryFeed({
  url: `${location.origin}/github`,
  topics: ["#"],
  kept: new KeptPosition("warren:console:github"),
  open: openGatewayClient,
});
const room = new ChatRoom({ url: `${location.origin}/chat`, topic: "general", open: openGatewayClient });

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    {/* Styles stand in files: a Content-Security-Policy without 'unsafe-inline' holds. */}
    <MantineProvider theme={theme} defaultColorScheme="auto" withCssVariables={false} withGlobalClasses={false}>
      <App feed={feed} room={room} />
    </MantineProvider>
  </StrictMode>,
);
