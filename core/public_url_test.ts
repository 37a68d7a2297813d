import assert from "node:assert/strict";
import { faultOfUrl, isPublicAddress } from "./public_url.ts";

Deno.test("[SC9] a URL of the public net is taken, however it is written", () => {
  for (
    const host of [
      ...["acme.example", "hooks.acme.example:8443", "ACME.example", "acme.example."],
      ...[
        "8.8.8.8",
        "172.32.0.1",
        "[2606:4700::1111]",
        "localhost.acme.example",
        "127.0.0.1.nip.io",
      ],
    ]
  ) assert.equal(faultOfUrl(`https://${host}/hook?token=1`), undefined, host);
});

Deno.test("[SC9] a URL that is not https, or leads within, is refused with the reason", () => {
  const rows = [
    ["http://acme.example/", "https"],
    ["ftp://acme.example/", "https"],
    ["acme.example", "URL"],
    ...[
      ...["127.0.0.1", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0", "0.0.0.0", "10.1.2.3"],
      ...["100.64.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.168.1.1"],
      ...["198.18.0.1", "224.0.0.1", "255.255.255.255", "127.0.0.1.", "%31%32%37.0.0.1"],
      ...["[::1]", "[::]", "[fe80::1]", "[fd00::1]", "[fc00::1]", "[ff02::1]", "[::127.0.0.1]"],
      ...["[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
      ...["[2001:db8::1]", "[2001:0:7f00:1::]"],
    ].map((host) => [`https://${host}/`, "address"]),
    ...["localhost", "LOCALHOST", "intranet", "metadata"].map((
      host,
    ) => [`https://${host}/`, "dot"]),
    ...["a.localhost", "printer.local", "metadata.google.internal", "nas.home.arpa", "nas.local."]
      .map((host) => [`https://${host}/`, "name"]),
  ];
  for (const [url = "", why = ""] of rows) {
    const fault = faultOfUrl(url);
    assert.ok(fault?.includes(why), `${url}: ${fault}`);
  }
});

Deno.test("[SC9] what is no address is no public one", () => {
  for (const text of ["", "acme.example", "1.2.3"]) assert.equal(isPublicAddress(text), false);
});
