// Pairs to try ideas on, so that those of paraphrases.ts stay unseen.
import type { Paraphrase } from './paraphrases.js';

const pair = (memory: string, query: string, ...nearMisses: [string, string]): Paraphrase => ({
  memory,
  query,
  nearMisses,
});

export const devParaphrases: readonly Paraphrase[] = [
  pair(
    'The printer on the second floor only accepts A4 paper.',
    'Which sheets can be used in the device upstairs?',
    'The second paper on printers was accepted by only four floors of reviewers.',
    'The printer on the second floor was moved to hall A4.',
  ),
  pair(
    'Invoices to public authorities have to be sent as XML.',
    'Government offices need bills in a machine-readable format.',
    'Public authorities sent invoices for the XML training.',
    'The author of the XML format invoiced the public.',
  ),
  pair(
    'The recommendation engine ignores products that are out of stock.',
    'Things that cannot be delivered are not suggested to shoppers.',
    'The stock market ignores recommendations for engine products.',
    'An engine that is out of stock is recommended to be produced again.',
  ),
  pair(
    'Swimming lessons are fully booked until autumn.',
    'There is no free place in the pool courses before September.',
    'The book on swimming has lessons for a full autumn.',
    'Fully dressed swimmers have lessons until autumn.',
  ),
  pair(
    'The job failed because the password of the database user had changed.',
    'Credentials were no longer valid, so the run stopped with an error.',
    'The user changed the job title in the database without a password.',
    'The failed password change of the user was logged in the database.',
  ),
  pair(
    'Bicycles are stolen most often near the central station.',
    'Where do thieves take bikes? Around the main railway stop.',
    'The central station often rents out bicycles of steel.',
    'Most bicycles near the station belong to commuters.',
  ),
  pair(
    'The legal department keeps signed contracts for ten years.',
    'How long do lawyers archive agreements? A decade.',
    'Ten contracts of the legal department were signed this year.',
    'The department keeps ten lawyers under contract.',
  ),
  pair(
    'Old browsers show the page without icons because the font is missing.',
    'Symbols do not appear for users with outdated software.',
    'The page about old fonts shows icons of missing persons.',
    'The browser game is missing because its page is old.',
  ),
  pair(
    'Children under six travel free of charge on all buses.',
    'Small kids need no ticket for public transport by road.',
    'Six buses were charged for free by children.',
    'All children travel under the supervision of six buses.',
  ),
  pair(
    'The pump switches itself off when the pressure exceeds eight bar.',
    'Too much force in the pipe stops the device automatically.',
    'Eight bars put pressure on guests to switch off the pump of the beer.',
    'The pump of bar eight exceeds the pressure of work.',
  ),
  pair(
    'Our newsletter is read mostly on phones.',
    'Subscribers open the mailing on small screens.',
    'The newsletter about phones is mostly read aloud.',
    'Most phones that we read about were in the newsletter.',
  ),
  pair(
    'The survey counts retired teachers as employed.',
    'Former school staff is wrongly treated as having a job.',
    'Teachers are employed to count surveys until they retire.',
    'Retired surveyors are counted by teachers.',
  ),
  pair(
    'Use the metric system in drawings for the factory in Turin.',
    'Plans for the Italian plant should be in millimetres.',
    'The factory system measures the metric of drawings in Turin.',
    'Drawings of the Turin factory show a system of pipes.',
  ),
  pair(
    'The queue grows on the first of each month when salaries are paid.',
    'Backlog builds up at payday.',
    'The first salary is paid after a month in the queue.',
    'Salaries grow each month for those first in the queue.',
  ),
  pair(
    'Jonas is on leave until the tenth and Priya takes his reviews.',
    'Who looks at code while Jonas is on holiday?',
    'Priya leaves ten reviews of the books of Jonas.',
    'Jonas takes leave of Priya after the tenth review.',
  ),
  pair(
    'A failed health check removes the server from the load balancer.',
    'Traffic is no longer routed to machines that do not respond properly.',
    'The health of the server was checked after removing a load.',
    'The balance of the health insurer failed the check.',
  ),
  pair(
    'The wheat price rose after the drought in Ukraine.',
    'Grain became more expensive due to lack of rain.',
    'The price of droughts in Ukraine rose after a study of wheat.',
    'After the rose price, the wheat drought was the topic in Ukraine.',
  ),
  pair(
    'Guests with a dog get a room on the ground floor.',
    'Visitors who bring a pet sleep downstairs.',
    'The dog of a guest grounds the floor of the room.',
    'A ground floor room was bought by the dog guests.',
  ),
  pair(
    'The dashboard refreshes every ten minutes, so new orders do not appear at once.',
    'Why are recent purchases not visible immediately? The view is updated periodically.',
    'New dashboards are ordered once every ten minutes.',
    'A refreshment appears at the dashboard of every tenth order.',
  ),
  pair(
    'Long comments are cut after two hundred characters in the overview.',
    'Remarks are shortened in the list.',
    'The overview of two hundred characters in the play has long comments.',
    'Cut the comments on the characters of the novel.',
  ),
  pair(
    'Snow on the solar panels lowers the yield in January.',
    'Winter weather reduces how much electricity the roof makes.',
    'January panels on solar snow yield lower interest.',
    'The lower panel yields to the snow in January.',
  ),
  pair(
    'The test data contains no real people.',
    'All persons in the sample are invented.',
    'Real people contain themselves in tests without data.',
    'The test data about people is real.',
  ),
  pair(
    'The ferry does not sail when waves are higher than three metres.',
    'Crossings are cancelled in rough sea.',
    'Three ferries wave when the sails are higher.',
    'The ferry is three metres higher than the sail.',
  ),
  pair(
    'Marketing wants a weekly list of customers who have not bought anything for a year.',
    'Every seven days we send out who has been inactive for twelve months.',
    'Customers want a list of marketing weeks of the year.',
    'For a year, customers have bought weekly marketing magazines.',
  ),
];
