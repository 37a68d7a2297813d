const ids = `
  SH1 SH2 SH3 SH4 SH5 SH6 SH7
  LB1 LB2 LB3 LB4 LB5 LB6 LB7 LB8 LB9
  DB1 DB2 DB3 DB4 DB5 DB6 DB7
  MQ1 MQ2 MQ3 MQ4 MQ5 MQ6 MQ7 MQ8 MQ9
  EN1 EN2 EN3 EN4 EN5 EN6 EN7 EN8 EN9 EN10 EN11 EN12 EN13
  RS1 RS2 RS3 RS4 RS5
  MX1 MX2 MX3 MX4 MX5
  AD1 AD2 AD3 AD4 AD5 AD6
  OP1 OP2 OP3 OP4 OP6 OP7 OP8 OP9 OP10 OP11 OP5
`;

/** The ids of the customer's requirements. A rule of docs/SPEC.md names those that it serves. */
export const requirementIds: ReadonlySet<string> = new Set(ids.trim().split(/\s+/));
