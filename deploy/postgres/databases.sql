-- One database for each node of the compose file.
create database national;
create database zhejiang;
create database guangdong;
