// What retrieval is judged by. Written before the code that it judges, and not to be changed to please it: a case that
// turns out to be unfair stays, and the figure is what it is.

/** A memory, the words in which it is asked for later, and two texts with similar words that mean something else. */
export interface Paraphrase {
  readonly memory: string;
  readonly query: string;
  readonly nearMisses: readonly [string, string];
}

const pair = (memory: string, query: string, ...nearMisses: [string, string]): Paraphrase => ({
  memory,
  query,
  nearMisses,
});

/** Sixty pairs: what agents note about tasks, data, customers, machines and people. */
export const paraphrases: readonly Paraphrase[] = [
  pair(
    'The nightly export fails when the disk of the reporting server is more than ninety percent full.',
    'Why does the job that writes reports at night break? There is too little storage left on its machine.',
    'The nightly export now writes to ninety separate disks of the reporting cluster.',
    'The reporting server was replaced because its disk made loud noises at night.',
  ),
  pair(
    'Customers in Japan want dates written with the year first.',
    'How should the day be formatted for Japanese clients?',
    'Customers in Japan first wrote to us that year about missing dates.',
    'The first date on which customers in Japan can order is in April.',
  ),
  pair(
    'Maria from accounting approves every payment above ten thousand euros.',
    'Who has to sign off large transfers of money?',
    'Maria from accounting was paid ten thousand euros for overtime.',
    'Every payment that accounting approves appears on Maria’s dashboard.',
  ),
  pair(
    'The payment service must be restarted after its certificate is renewed, or it keeps serving the old one.',
    'A renewed TLS certificate is not picked up until the billing process is started again.',
    'The payment service issues a certificate of payment after each renewal.',
    'Renewing the payment plan restarts the trial period of the service.',
  ),
  pair(
    'Sales of ice cream drop sharply whenever the temperature falls below fifteen degrees.',
    'People buy much less frozen dessert in cold weather.',
    'The ice cream freezer must not fall below minus fifteen degrees.',
    'Sales of the temperature sensors dropped by fifteen percent.',
  ),
  pair(
    'Never run the cleanup script on a Monday, because the auditors read the logs then.',
    'On which weekday must old records not be purged, since the revision team looks at them?',
    'The auditors recommend to run the cleanup script every Monday.',
    'The cleanup script logs each Monday on which an auditor was present.',
  ),
  pair(
    'The column "amount" in the invoices table is stored in cents, not in dollars.',
    'Which unit do the billing figures have? Divide them by one hundred to get whole currency.',
    'The invoices table has no column for the amount of dollars refunded.',
    'A dollar amount in an invoice is rounded to the next ten cents.',
  ),
  pair(
    'Retrying the upload at once makes the throttling worse; waiting a minute solves it.',
    'When the server limits our transfer rate it helps to pause for sixty seconds before the next try.',
    'Uploads that take longer than a minute are retried at once.',
    'The throttle of the engine was worse one minute after the upload of the new firmware.',
  ),
  pair(
    'The customer Nordwind cancelled because the support team answered too slowly.',
    'Which account did we lose through long response times of the helpdesk?',
    'The customer Nordwind slowly answered all questions of the support team.',
    'The support team cancelled the meeting with Nordwind because of the snow.',
  ),
  pair(
    'A backup is only considered good after it has been restored to an empty server once.',
    'We trust a saved copy when somebody has proven that it can be recovered on a blank machine.',
    'An empty server is considered a good place for a second backup.',
    'Once the backup server was empty, nobody restored it.',
  ),
  pair(
    'Readers prefer the summary at the top of the report, before any charts.',
    'Where should the key points of a document go? In front of the figures.',
    'The chart at the top of the report has no summary for screen readers.',
    'Readers prefer charts to a summary in any report.',
  ),
  pair(
    'The database index on customer names made searches forty times faster.',
    'Looking up clients became much quicker through an additional access path on who they are.',
    'The consumer price index rose faster than customers searched for bargains.',
    'Forty customers share the same name in the database.',
  ),
  pair(
    'Two-factor login is mandatory for everybody with access to production.',
    'A second proof of identity is required of all people who can touch the live system.',
    'Two factors make production logs accessible to everybody.',
    'Production access is mandatory for the login of two contractors.',
  ),
  pair(
    'The warehouse in Lyon closes for inventory during the last week of June.',
    'When can the French depot not ship goods because stock is being counted?',
    'The data warehouse lists the inventory of Lyon since last June.',
    'The store in Lyon opens a week earlier at the end of June.',
  ),
  pair(
    'The memory leak came from event listeners that were never removed.',
    'RAM usage grew without end because handlers stayed registered.',
    'Listeners of the event never removed their headphones, as far as memory serves.',
    'The leak of the event schedule came from a listener of the radio.',
  ),
  pair(
    'Doctors asked for larger type in the patient letters.',
    'Physicians find the font in what we send to the sick too small.',
    'Patients asked for a letter from a different type of doctor.',
    'A larger number of doctors asked patients to write letters.',
  ),
  pair(
    'Requests from the mobile app carry the version of the app in the user agent header.',
    'How can the server tell which release of the phone client is calling?',
    'The version of the request form in the mobile app has a new header picture.',
    'An agent carries the mobile phone of the user to the service desk on request.',
  ),
  pair(
    'The contract with the cloud provider ends in March and must be cancelled three months before.',
    'By December we have to give notice to our hosting company.',
    'The cloud provider contracted with three new data centres in March.',
    'Three months before the end of the project the cloud contract had been signed.',
  ),
  pair(
    'Empty strings in the phone column mean that the person refused to give a number.',
    'A blank telephone entry says that somebody did not want to tell it.',
    'Phone numbers with an empty string on the guitar column were refused.',
    'The person with that phone number refused to be called a column writer.',
  ),
  pair(
    'Unit tests on the build server are flaky when two of them use the same port.',
    'Checks fail at random in continuous integration if they listen on one network endpoint at once.',
    'The two units in the port were built to be tested at sea.',
    'The build server uses the same test for both of its ports.',
  ),
  pair(
    'The board wants to see profit per region rather than revenue per product.',
    'Directors care about earnings by geography.',
    'The board saw more revenue per product in every region.',
    'Profit of the product that a region sells on board is not seen.',
  ),
  pair(
    'Emails to customers go out between nine and five in their own time zone.',
    'Messages for clients are sent during local office hours.',
    'Customers in five to nine time zones sent emails of their own.',
    'The zone in which emails of customers go to spam has its own timer.',
  ),
  pair(
    'Photos are scaled down to two thousand pixels before they are stored.',
    'Pictures get a smaller resolution when we keep them.',
    'Two thousand photos were stored before the scale broke down.',
    'Pixels are counted in each of the stored photos before printing.',
  ),
  pair(
    'The fraud score is unreliable for accounts younger than a week.',
    'Do not trust the estimated risk of deception for people who registered only days ago.',
    'Fraud with accounts of younger people scored highest this week.',
    'A reliable account of the fraud was written within a week.',
  ),
  pair(
    'Switching to compressed columns halved the cost of storage.',
    'We pay only fifty percent for keeping data since it is packed.',
    'The cost of the switch in the storage column was not halved.',
    'Compressed air storage costs half as much as batteries.',
  ),
  pair(
    'Deploying on Friday afternoon has caused four of the last five outages.',
    'Most recent downtimes followed releases right before the weekend.',
    'On Friday afternoon the last four deployments finished without outage.',
    'Four out of five engineers are away on Friday afternoon.',
  ),
  pair(
    'The translation into Polish must be checked by a lawyer before it is printed.',
    'A legal expert has to review the text for Warsaw prior to publication.',
    'The lawyer printed a cheque for the Polish translator.',
    'Before it was translated into law, the Polish bill was checked and printed.',
  ),
  pair(
    'The temperature sensor in hall three reports in Fahrenheit.',
    'One device measures heat in the American unit.',
    'Hall three reports that its temperature sensor is out of order.',
    'Report number three by Fahrenheit describes the sensors in the hall.',
  ),
  pair(
    'Orders without a delivery address are gift cards.',
    'Purchases that need no shipping are vouchers.',
    'Gift cards are delivered to the address in the order.',
    'The order of cards in the gift was addressed to nobody.',
  ),
  pair(
    'The search page is slow because it counts all results before showing the first ten.',
    'Finding things takes long since the total number of hits is computed up front.',
    'The first ten pages of results show that the search for a slow car was counted.',
    'The search page counts how often slow users come back.',
  ),
  pair(
    'New hires get their laptop on the first day and their badge on the second.',
    'When do fresh employees receive a computer and an access card?',
    'The first laptop badge was hired for the second day of the fair.',
    'New laptops are badged on the day on which they are hired out.',
  ),
  pair(
    'The regression in version nine was caused by rounding prices before adding the tax.',
    'Totals came out wrong after the release since amounts were cut to whole digits too early.',
    'Linear regression explains nine tenths of prices before tax.',
    'Version nine of the tax form adds a round stamp.',
  ),
  pair(
    'Please address Professor Okafor formally in every message.',
    'The academic does not like to be called by a first name.',
    'Professor Okafor changed the formal address of her institute.',
    'Every message from Professor Okafor was formally archived.',
  ),
  pair(
    'When the queue is longer than five thousand, add two more workers.',
    'Scale out by a pair of processes if the backlog gets too large.',
    'Two workers waited in a queue of more than five thousand people.',
    'More than five thousand workers were added to the pension scheme.',
  ),
  pair(
    'The supplier in Hanoi delivers late during the Lunar New Year.',
    'Expect delays of parts from Vietnam around Tet.',
    'The supplier delivered a lunar lander to Hanoi last year.',
    'New suppliers in Hanoi deliver later each year.',
  ),
  pair(
    'Salaries may be read by the personnel department only.',
    'Who is allowed to see what people earn? Just HR.',
    'The personnel department only reads about salaries in the newspaper.',
    'Only the department may hire personnel at higher salaries.',
  ),
  pair(
    'The chatbot should hand over to a human after two misunderstandings.',
    'If the assistant fails twice to grasp what is meant, a person takes the conversation.',
    'Two humans misunderstood what the chatbot handed over.',
    'The chatbot should understand two human languages after the handover.',
  ),
  pair(
    'Duplicated rows in the shipment file come from the scanner at gate two sending everything twice.',
    'Why do deliveries appear double? A barcode reader repeats its messages.',
    'The file of shipment scans lists two rows of gates.',
    'The second gate sends shipments twice a day in a row.',
  ),
  pair(
    'The forecast for bread is better when public holidays are included.',
    'Predicting how many loaves are sold improves with knowledge of bank holidays.',
    'The weather forecast for the public holiday is better than expected.',
    'Bread is included in the price of better holidays.',
  ),
  pair(
    'The old API will be switched off at the end of the year; clients have to move to version two.',
    'The legacy interface is going to disappear, so integrators need to migrate.',
    'At the end of the year the clients switch offices and move to floor two.',
    'Version two of the API lists clients that moved at the end of the year.',
  ),
  pair(
    'Blue and orange are the only colours that the brand guide allows in charts.',
    'Which hues may be used for diagrams according to our corporate design?',
    'The brand of orange juice is the only one in the blue chart.',
    'The guide allows blue and orange badges on the tour only.',
  ),
  pair(
    'A lock on the orders table blocked all checkouts for six minutes.',
    'Nobody could complete a purchase for a while as a statement held the table exclusively.',
    'The lock on the checkout door took six minutes to be repaired.',
    'Orders for six tables with locks were blocked by customs.',
  ),
  pair(
    'Tenants on the free plan keep their data for thirty days.',
    'How long is information of non-paying users retained? One month.',
    'Tenants have thirty days to plan how to free the flat.',
    'The data plan is free for tenants who keep it for thirty days.',
  ),
  pair(
    'The machine learning model performs worse on photos taken at night.',
    'Recognition quality suffers in dark images.',
    'The photo model performed at a night club, worse than she had learned.',
    'At night the machine learns from photos of models.',
  ),
  pair(
    'Henrik prefers to be called by phone instead of email.',
    'How does Henrik like to be contacted? Ring him.',
    'Henrik prefers that his phone shows emails instead of calls.',
    'Henrik called his new mail program Phone.',
  ),
  pair(
    'The timestamps in the sensor logs are in local time without daylight saving.',
    'Clock values from the devices do not shift in summer.',
    'The sensor logs how much time is saved by daylight in the local office.',
    'Daylight sensors save the logs of the local time server.',
  ),
  pair(
    'Large CSV files should be split before they are sent by email.',
    'Break big tables into pieces when you attach them to a message.',
    'Emails about large files are split by sender in a CSV.',
    'Large CSV files should be sent by courier before the split of the company.',
  ),
  pair(
    'The outage began when the domain name expired.',
    'The site went dark because nobody extended the registration of its web address.',
    'The name of the outage domain began with an expired prefix.',
    'The patent in the domain of outage detection expired.',
  ),
  pair(
    'Elderly visitors mostly come on weekday mornings.',
    'Seniors tend to arrive before noon from Monday to Friday.',
    'Visitors mostly mourn the elderly on weekdays.',
    'In the morning most visitors ask for the weekday of the elder fair.',
  ),
  pair(
    'The licence of the map data forbids storing coordinates for more than a day.',
    'Geographic positions from that vendor may be cached for twenty-four hours at most.',
    'The driving licence data is stored on a map for more than a day.',
    'More than one map forbids coordinates in the licensed format.',
  ),
  pair(
    'Refunds above one hundred euros need a second signature.',
    'Giving back a larger sum requires approval by another person.',
    'One hundred signatures were needed for the refund of the second event.',
    'A refund of the signature fee takes a hundred seconds.',
  ),
  pair(
    'The first request after a deployment takes eight seconds because caches are cold.',
    'Right after a rollout the initial call is slow, as nothing has been warmed up yet.',
    'The first deployment to cold regions took eight requests.',
    'Because of the cold, the cache of eight seconds was requested after deployment.',
  ),
  pair(
    'Teachers use the platform mainly on Sunday evenings.',
    'When is the traffic of school staff highest? At the end of the weekend.',
    'The platform for Sunday trains is mainly used by teachers in the evening.',
    'On Sunday evenings teachers mainly discuss the party platform.',
  ),
  pair(
    'Field "status" with value 7 means that the parcel was returned to the sender.',
    'What does code seven say? The package went back.',
    'Seven senders returned to the field to see the status of the parcel.',
    'The parcel of land with status 7 was returned to the farmer.',
  ),
  pair(
    'The report must not mention names of patients.',
    'Keep the document free of anything that identifies the sick people.',
    'Patients must not be late to mention their names at the report desk.',
    'The report names patience as a virtue that must be mentioned.',
  ),
  pair(
    'Energy use peaks at seven in the evening when people cook.',
    'The highest load on the grid happens around dinner.',
    'Seven cooks used their energy to climb the peak in the evening.',
    'People use the evening to cook with peak season vegetables.',
  ),
  pair(
    'The vendor confirmed that the rate limit is sixty calls per minute and key.',
    'How many requests may one token send? One a second on average.',
    'The vendor called sixty times to confirm the interest rate.',
    'The key rate was limited for sixty vendors within minutes of the call.',
  ),
  pair(
    'Tests of the checkout must use the sandbox card number, never a real one.',
    'Only pretend credit cards are allowed when trying out the purchase flow.',
    'A real sandbox was tested by the number of children who checked it out.',
    'The real card number must be used at the checkout of the library.',
  ),
  pair(
    'The river gauge at Dresden is the best early warning for floods in Magdeburg.',
    'High water downstream can be predicted by the level measured further up the Elbe.',
    'Magdeburg was warned early that the gauge theory talk in Dresden was best.',
    'The best early flood of tourists in Dresden came by river from Magdeburg.',
  ),
  pair(
    'Sorting the file by customer before the import cuts the run time to a third.',
    'Loading is three times as quick if the records are ordered by buyer first.',
    'A third of customers sort the imported files by running time.',
    'Cut the file for customer imports before a third of them is sorted out.',
  ),
];
