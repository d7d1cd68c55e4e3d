/**
 * node-jq decides which executable it runs when it is loaded, so this stands before it: a link of this name, in the folder
 * that jq runs in, leads to the executable of the user's choice.
 */
export const JQ_LINK = 'jq'

process.env.JQ_PATH = `./${JQ_LINK}`
