/** AMQP type of the records that a log writes itself, to find its own end. They are for nobody. */
export const MARK_TYPE = "warren:mark";
